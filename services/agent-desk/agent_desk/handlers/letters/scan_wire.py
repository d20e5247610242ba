"""What crosses between the desk and the process that reads scans: a line of checked JSON, then bytes. Pure."""

from collections.abc import Sequence
from hashlib import sha256
from typing import BinaryIO, Final, Self

from pydantic import Field, ValidationError

from agent_desk.domain.letters.scanned import (
    LONGEST_SCAN,
    MOST_BYTES,
    MOST_PAGES,
    PREVIEWED,
    PREVIEWS_BYTES,
    ScannedLetter,
    UnreadableScanError,
)
from guichet.contracts.base import Contract

LONGEST_OUTPUT: Final = 4 * MOST_BYTES  # letters of a whole upload, and their previews
_JPEG: Final = b"\xff\xd8\xff"


class Asked(Contract):
    """An upload. files: how long each is. mark: what the separator sheets' code says. as_one: see letters_of."""

    mark: str
    as_one: bool = False
    files: tuple[int, ...]

    @classmethod
    def read(cls, stream: BinaryIO) -> tuple[Self, list[bytes]]:
        """Return what is asked, and the files."""
        asked = cls.model_validate_json(stream.readline())
        return asked, [stream.read(size) for size in asked.files]


class _Letter(Contract):
    pages: int = Field(ge=1, le=MOST_PAGES)
    scan: int = Field(ge=1, le=LONGEST_SCAN)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    previews: tuple[int, ...] = Field(max_length=PREVIEWED)


class _Answer(Contract):
    refused: str | None = Field(default=None, pattern="^[a-z-]{1,40}$")
    letters: tuple[_Letter, ...] = Field(default=(), max_length=MOST_PAGES)


def asking(files: Sequence[bytes], mark: str, *, as_one: bool = False) -> bytes:
    """Return an upload as the process reads it."""
    return b"".join((_line(Asked(mark=mark, as_one=as_one, files=tuple(map(len, files)))), *files))


def to_bytes(found: Sequence[ScannedLetter] | str) -> bytes:
    """Return an answer. found: the letters, or why there are none, a code."""
    if isinstance(found, str):
        return _line(_Answer(refused=found))
    letters = tuple(
        _Letter(pages=each.pages, scan=len(each.scan), sha256=each.sha256, previews=tuple(map(len, each.previews)))
        for each in found
    )
    return b"".join(
        (_line(_Answer(letters=letters)), *(part for each in found for part in (each.scan, *each.previews)))
    )


def from_bytes(answer: bytes) -> list[ScannedLetter]:
    """Return what the process said, which nobody trusts. Raises UnreadableScanError."""
    said, _, rest = answer.partition(b"\n")
    try:
        header = _Answer.model_validate_json(said)
    except ValidationError as exc:
        raise UnreadableScanError("unreadable") from exc
    if header.refused is not None or not header.letters:
        raise UnreadableScanError(header.refused or "unreadable")
    sizes = [size for each in header.letters for size in (each.scan, *each.previews)]
    if sum(sizes) != len(rest) or any(sum(each.previews) > PREVIEWS_BYTES for each in header.letters):
        raise UnreadableScanError("unreadable")
    letters, start = list[ScannedLetter](), 0
    for each in header.letters:
        parts = []
        for size in (each.scan, *each.previews):
            parts.append(rest[start : start + size])
            start += size
        if sha256(parts[0]).hexdigest() != each.sha256 or not all(part.startswith(_JPEG) for part in parts[1:]):
            raise UnreadableScanError("unreadable")
        letters.append(ScannedLetter(each.pages, parts[0], each.sha256, tuple(parts[1:])))
    return letters


def _line(said: Contract) -> bytes:
    return said.model_dump_json().encode() + b"\n"
