"""Have an upload read by a process of its own: what strangers wrote is opened in no process that knows a secret."""

import asyncio
from collections.abc import Sequence
from typing import Final, Protocol

from agent_desk.domain.letters.scanned import ScannedLetter, UnreadableScanError
from agent_desk.handlers.letters.scan_wire import LONGEST_OUTPUT, asking, from_bytes
from guichet.runtime.limited.ask_process import BrokenProcessError, ask_process

PROGRAM: Final = "agent_desk.handlers.letters.scan_process"
DEADLINE_S: Final = 180.0


class ReadScans(Protocol):
    """Reads uploads."""

    async def read(self, files: Sequence[bytes], mark: str, *, as_one: bool = False) -> Sequence[ScannedLetter]:
        """Return the letters. mark: of the separator sheets. Raises UnreadableScanError, TransientError.

        as_one: see letters_of.
        """


class ScanProcesses(ReadScans):
    """Starts a process for each upload, one at a time: it holds a stack of paper in memory."""

    def __init__(self) -> None:
        self._one = asyncio.Lock()

    async def read(self, files: Sequence[bytes], mark: str, *, as_one: bool = False) -> Sequence[ScannedLetter]:
        async with self._one:
            try:
                asked = asking(files, mark, as_one=as_one)
                answer = await ask_process(PROGRAM, asked, deadline_s=DEADLINE_S, longest=LONGEST_OUTPUT)
            except BrokenProcessError as exc:
                raise UnreadableScanError("too-much" if exc.was_too_much else "unreadable") from exc
            return from_bytes(answer)
