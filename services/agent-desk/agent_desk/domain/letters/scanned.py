"""A letter as the reader of scans gives it: in memory only. Values, and how much of it is taken. Pure."""

from dataclasses import dataclass, field
from typing import Final

MIB: Final = 1024 * 1024
MOST_BYTES: Final = 40 * MIB  # of an upload
MOST_FILES: Final = 40
MOST_PAGES: Final = 200  # of an upload, separator sheets among them
LONGEST_SCAN: Final = 9 * MIB  # of one letter: it rests in one document with its previews
PREVIEWED: Final = 12  # pages of a letter that have a picture; the others are in its file
PREVIEWS_BYTES: Final = 5 * MIB


@dataclass(frozen=True)
class ScannedLetter:
    """scan: the letter as PDF. sha256: of it, in hexadecimal. previews: a JPEG of each of its first pages."""

    pages: int
    scan: bytes = field(repr=False)
    sha256: str
    previews: tuple[bytes, ...] = field(repr=False)


class UnreadableScanError(Exception):
    """What was uploaded cannot be taken. why: a code that the page words."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why
