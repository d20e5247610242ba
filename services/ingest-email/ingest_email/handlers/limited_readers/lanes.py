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


class Lane(Enum):
    """What a reader is kept for."""

    SMALL = "small"
    ANY = "any"

    def takes(self, mail_bytes: int) -> bool:
        """Return whether a mail of this size may go there."""
        return self is Lane.ANY or mail_bytes <= SMALL_BYTES


@dataclass(eq=False)
class _Waiting:
    mail_bytes: int
    turn: asyncio.Future[Lane]


class Lanes:
    """The turns at so many readers, at least two."""

    def __init__(self, readers: int) -> None:
        self._free = [Lane.SMALL, *[Lane.ANY] * (readers - 1)]
        self._waiting: list[_Waiting] = []

    @asynccontextmanager
    async def turn(self, mail_bytes: int, patience_s: float) -> AsyncIterator[None]:
        """Hold a reader's turn. Raises TimeoutError where none comes in time."""
        lane = self._free_for(mail_bytes) or await self._wait(mail_bytes, patience_s)
        try:
            yield
        finally:
            self._give_back(lane)

    def _free_for(self, mail_bytes: int) -> Lane | None:
        lane = next((each for each in Lane if each in self._free and each.takes(mail_bytes)), None)
        if lane is not None:
            self._free.remove(lane)
        return lane

    async def _wait(self, mail_bytes: int, patience_s: float) -> Lane:
        waiting = _Waiting(mail_bytes, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        try:
            async with asyncio.timeout(patience_s):
                return await waiting.turn
        except BaseException:
            if waiting in self._waiting:
                self._waiting.remove(waiting)
            elif not waiting.turn.cancelled():  # its turn came when it was about to go
                self._give_back(waiting.turn.result())
            raise

    def _give_back(self, lane: Lane) -> None:
        able = [each for each in self._waiting if lane.takes(each.mail_bytes) and not each.turn.done()]
        if not able:
            self._free.append(lane)
            return
        following = able[0] if lane is Lane.ANY else min(able, key=lambda each: each.mail_bytes)
        self._waiting.remove(following)
        following.turn.set_result(lane)
