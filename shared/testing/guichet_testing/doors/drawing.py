"""Draws files in the test's own process, as the process that does so at the desk would."""

from agent_desk.domain.pictures.picture import Picture
from agent_desk.handlers.pictures.draw import DrawPictures
from agent_desk.handlers.pictures.drawing_process import drawn


class DrawsHere(DrawPictures):
    """Without a process, hence without limits."""

    async def draw(self, file: bytes, page: int, box: tuple[int, int]) -> Picture:
        return drawn(file, page, box)
