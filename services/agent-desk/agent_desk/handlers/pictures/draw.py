"""Have a page of a file drawn by a process of its own."""

from typing import Final, Protocol

from agent_desk.domain.pictures.picture import Picture, UnshownError
from agent_desk.handlers.pictures.picture_wire import LONGEST_OUTPUT, asking, from_bytes
from guichet.runtime.limited.ask_process import BrokenProcessError, ask_process

PROGRAM: Final = "agent_desk.handlers.pictures.drawing_process"
DEADLINE_S: Final = 20.0


class DrawPictures(Protocol):
    """Draws files."""

    async def draw(self, file: bytes, page: int, box: tuple[int, int]) -> Picture:
        """Return a page, counted from 1, as large as fits into a box of pixels. Raises UnshownError, TransientError."""


class DrawingProcesses(DrawPictures):
    """Starts a process for each page: one that a file took over is given no other's."""

    async def draw(self, file: bytes, page: int, box: tuple[int, int]) -> Picture:
        try:
            answer = await ask_process(PROGRAM, asking(file, page, box), deadline_s=DEADLINE_S, longest=LONGEST_OUTPUT)
        except BrokenProcessError as exc:
            raise UnshownError("too-much" if exc.was_too_much else "unreadable") from exc
        return from_bytes(answer)
