"""Draw a case's files for its document: so many, so large and for so long at most, whether or not they can be drawn."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from agent_desk.domain.case_file.blocks import MOST_PAGES_OF_A_FILE, MOST_PICTURES, PICTURE, PICTURES_BYTES
from agent_desk.domain.cases.moments import File
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.pictures.view_pictures import FileAddress, PictureViewer
from guichet.errors import UnopenableError
from guichet.ids import MessageId

DRAWING_S: Final = 90.0  # for all of a document's files: others wait for theirs meanwhile

FileKey = tuple[MessageId, int]
"""A file's message, and its number there."""


@dataclass(frozen=True)
class ShownFile:
    """A file in the document. numbers: of its pictures. pages: how many it has. why_not: it has none, where known."""

    numbers: Sequence[int] = ()
    pages: int = 0
    why_not: Literal["tampered", "late"] | None = None


@dataclass
class DrawnFiles:
    """files: of which something is to be said. spent: of MOST_PICTURES; what could not be drawn costs one, too."""

    files: dict[FileKey, ShownFile] = field(default_factory=dict)
    pictures: list[bytes] = field(default_factory=list, repr=False)
    spent: int = 0
    room: int = PICTURES_BYTES

    @property
    def shown(self) -> int:
        """How many files have a picture."""
        return sum(bool(each.numbers) for each in self.files.values())


async def draw_files(viewer: PictureViewer, visitor: Visitor, reference: str, files: Sequence[File]) -> DrawnFiles:
    """Return pictures of a case's files, and of those that were not drawn in time, or were altered, that it is so.

    Raises TransientError.
    """
    drawn = DrawnFiles()
    try:
        async with asyncio.timeout(DRAWING_S):
            for file in files:
                most = min(MOST_PAGES_OF_A_FILE, MOST_PICTURES - drawn.spent)
                if most < 1 or drawn.room < 0:
                    break
                await _draw(drawn, file, viewer, visitor, FileAddress(reference, file.message_id, file.number), most)
    except TimeoutError:
        tried = {key for key, each in drawn.files.items() if each.numbers or each.why_not}
        late = ((file.message_id, file.number) for file in files)
        drawn.files |= {key: ShownFile(why_not="late") for key in late if key not in tried}
    return drawn


async def _draw(
    drawn: DrawnFiles, file: File, viewer: PictureViewer, visitor: Visitor, at: FileAddress, most: int
) -> None:
    """Add a file's pages one by one: those that were drawn in time stay."""
    key, first = (file.message_id, file.number), len(drawn.pictures)
    drawn.files[key] = ShownFile()
    try:
        async for page in viewer.pages(visitor, at, most, PICTURE):
            drawn.pictures.append(page.jpeg)
            drawn.room -= len(page.jpeg)
            drawn.files[key] = ShownFile(range(first, len(drawn.pictures)), page.pages)
    except UnopenableError:
        drawn.files[key] = ShownFile(why_not="tampered")
    drawn.spent += max(1, len(drawn.pictures) - first)
