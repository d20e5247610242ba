"""Who of those that wait is next, so that mails which keep a reader busy keep no ordinary mail waiting.

One reader is kept for small mails, and of those it takes the smallest first: what a mail can cost grows with its size.
The others take whatever has waited longest, so that nothing waits for ever.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Final

SMALL_BYTES: Final = 256 * 1024  # all ordinary mails without files


class ReaderKind(Enum):
    """What a reader is kept for."""

    SMALL = "small"
    ANY = "any"

    def takes(self, mail_bytes: int) -> bool:
        """Return whether a mail of this size may go there."""
        return self is ReaderKind.ANY or mail_bytes <= SMALL_BYTES


@dataclass(eq=False)
class _Waiting:
    mail_bytes: int
    given: asyncio.Future[ReaderKind]


class ReaderQueue:
    """So many readers, at least two, and who waits for one."""

    def __init__(self, readers: int) -> None:
        self._free = [ReaderKind.SMALL, *[ReaderKind.ANY] * (readers - 1)]
        self._waiting: list[_Waiting] = []

    @asynccontextmanager
    async def a_reader(self, mail_bytes: int, patience_s: float) -> AsyncIterator[None]:
        """Hold a free reader. Raises TimeoutError where none comes in time."""
        kind = self._free_for(mail_bytes) or await self._wait(mail_bytes, patience_s)
        try:
            yield
        finally:
            self._give_back(kind)

    def _free_for(self, mail_bytes: int) -> ReaderKind | None:
        kind = next((each for each in ReaderKind if each in self._free and each.takes(mail_bytes)), None)
        if kind is not None:
            self._free.remove(kind)
        return kind

    async def _wait(self, mail_bytes: int, patience_s: float) -> ReaderKind:
        waiting = _Waiting(mail_bytes, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        try:
            async with asyncio.timeout(patience_s):
                return await waiting.given
        except BaseException:
            if waiting in self._waiting:
                self._waiting.remove(waiting)
            elif not waiting.given.cancelled():  # one was given to it when it was about to go
                self._give_back(waiting.given.result())
            raise

    def _give_back(self, kind: ReaderKind) -> None:
        able = [each for each in self._waiting if kind.takes(each.mail_bytes) and not each.given.done()]
        if not able:
            self._free.append(kind)
            return
        following = able[0] if kind is ReaderKind.ANY else min(able, key=lambda each: each.mail_bytes)
        self._waiting.remove(following)
        following.given.set_result(kind)
