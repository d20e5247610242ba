"""A file as the desk shows it: pixels drawn anew, never the sender's bytes. Values, and how much is drawn. Pure."""

from dataclasses import dataclass, field
from typing import Final, Literal

from agent_desk.domain.cases.dangerous_files import is_dangerous

MOST_PAGES: Final = 30  # of a document that are shown; the others are in its file
MOST_THUMBNAILS: Final = 24  # on a page of a case; of more files the names alone are shown
THUMBNAIL: Final = (256, 192)  # pixels; shown smaller, so that it is sharp on any screen
LARGE: Final = (1600, 1600)  # A4 at some 140 dpi: small print is read
LONGEST_PICTURE: Final = 4 * 1024 * 1024  # bytes

PictureKind = Literal["image", "document"]
_IMAGES: Final = ("gif", "jpeg", "jpg", "png", "webp")
_IMAGE_TYPES: Final = frozenset({"image/gif", "image/jpeg", "image/pjpeg", "image/png", "image/webp"})
_DOCUMENT_TYPES: Final = frozenset({"application/pdf", "application/x-pdf"})


@dataclass(frozen=True)
class Picture:
    """jpeg: one page of a file, drawn anew. pages: how many the file has."""

    jpeg: bytes = field(repr=False)
    pages: int


class UnshownError(Exception):
    """A file that cannot be shown. why: `unreadable`, or `too-much` (to draw it would take too much)."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def picture_kind(name: str, content_type: str) -> PictureKind | None:
    """Return as what a file of this name and declared type is shown; None: it is not."""
    if is_dangerous(name, content_type):
        return None
    ending = name.rpartition(".")[2].lower()
    if content_type in _IMAGE_TYPES or ending in _IMAGES:
        return "image"
    return "document" if content_type in _DOCUMENT_TYPES or ending == "pdf" else None
