"""Show a case's files in place: each opened within its reader's scope, seen by the antivirus, and drawn anew.

Nothing that was drawn is kept.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final

from cachetools import TTLCache

from agent_desk.domain.errors import NotFoundError, WithheldError
from agent_desk.domain.pictures.picture import THUMBNAIL, Picture, PictureKind, UnshownError, picture_kind
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.cases.read_cases import ScopedCases
from agent_desk.handlers.open_files import OpenedFile
from agent_desk.handlers.pictures.draw import DrawPictures
from guichet.errors import TransientError

AT_ONCE: Final = 2  # files of this process of the desk that lie open to be drawn
MOST_WAITING: Final = 60  # for one of those; whoever comes then is told to try again
MOST_REMEMBERED: Final = 2_000  # drawings that took too much: each look at their page would hold a place for seconds
REMEMBERED_S: Final = 600.0  # then it is tried again: it may have been a busy machine's fault

_Drawing = tuple[str, int, int, tuple[int, int]]
"""A file's message, its number there, its page, and the box in pixels."""


@dataclass(frozen=True)
class FileAddress:
    """Where a file lies: the number-th of a message of a case, counted from 1."""

    reference: str
    message_id: str
    number: int


@dataclass(frozen=True)
class ViewedFile:
    """A file as its page shows it. unshown: why nothing of it can be drawn, a code; then there are no pages."""

    name: str = field(repr=False)
    kind: PictureKind
    size_bytes: int
    pages: int = 1
    unshown: str | None = None


class _Places:
    """So many at once, so many that wait."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def __aenter__(self) -> None:
        if self._waiting >= MOST_WAITING:
            raise TransientError("too many files wait to be drawn")
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1

    async def __aexit__(self, *_: object) -> None:
        self._free.release()


@dataclass(frozen=True)
class PictureViewer:
    """Draws files of cases."""

    cases: ScopedCases
    drawing: DrawPictures
    places: _Places = field(default_factory=_Places)
    too_much: TTLCache[_Drawing, None] = field(default_factory=lambda: TTLCache(MOST_REMEMBERED, REMEMBERED_S))

    async def picture(self, visitor: Visitor, at: FileAddress, page: int, box: tuple[int, int]) -> Picture:
        """Return a page of a file, counted from 1, within a box of pixels.

        Raises UnshownError, TransientError, and what ScopedCases.read_file does; NotFoundError for what is never shown.
        """
        async with self.places:
            file = await self.cases.read_file(visitor, at.reference, at.message_id, at.number, shown_as=_shown_as(box))
            if picture_kind(file.name, file.content_type) is None:
                raise NotFoundError
            return await self._drawn(at, file, page, box)

    async def view(self, visitor: Visitor, at: FileAddress) -> ViewedFile:
        """Return what a file's page says of it; drawing it tells whether it can be shown. Raises as `picture`."""
        async with self.places:
            file = await self.cases.read_file(visitor, at.reference, at.message_id, at.number)
            if (kind := picture_kind(file.name, file.content_type)) is None:
                raise NotFoundError
            size = len(file.content)
            try:
                drawn = await self._drawn(at, file, 1, THUMBNAIL)
            except UnshownError as exc:
                return ViewedFile(file.name, kind, size, unshown=exc.why)
            return ViewedFile(file.name, kind, size, drawn.pages)

    async def pages(self, visitor: Visitor, at: FileAddress, most: int, box: tuple[int, int]) -> AsyncIterator[Picture]:
        """Yield the first pages of a file, up to one that cannot be drawn; none where it is withheld or erased.

        Raises UnopenableError, TransientError.
        """
        async with self.places:
            try:
                file = await self.cases.read_file(visitor, at.reference, at.message_id, at.number)
                yield (first := await self._drawn(at, file, 1, box))
                for page in range(2, min(first.pages, most) + 1):
                    yield await self._drawn(at, file, page, box)
            except (NotFoundError, UnshownError, WithheldError):
                return

    async def _drawn(self, at: FileAddress, file: OpenedFile, page: int, box: tuple[int, int]) -> Picture:
        """Return a page of an opened file. What was too much is not tried again for a while. Raises UnshownError."""
        what = (at.message_id, at.number, page, box)
        if what in self.too_much:
            raise UnshownError("too-much")
        try:
            return await self.drawing.draw(file.content, page, box)
        except UnshownError as exc:
            if exc.why == "too-much":
                self.too_much[what] = None
            raise


def _shown_as(box: tuple[int, int]) -> str:
    """Return what the audit trail calls what was read: who saw a thumbnail has not opened the file."""
    return "thumbnail" if box == THUMBNAIL else "attachment"
