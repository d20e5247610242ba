"""A file that only grows, in frames that are each on the disk before the next is written.

    "GVC2" · mark, 8 random bytes · CRC-32 of both                           once, as its head
    mark · length, 4 bytes · CRC-32 of the content, 4 bytes · content        each frame         numbers big-endian

So a power cut or a kill leaves at most one frame broken, at the end: it was never acknowledged, and is cut off. One
that is broken and followed by a whole one was changed on the disk: that file is damaged. The mark is the file's own,
because third parties have a say in the content: what they write passes for a frame nowhere.
"""

import os
import re
import secrets
import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from os import write
from pathlib import Path
from typing import IO, Final

from guichet.errors import PermanentError
from guichet.runtime.disk import flush, flush_to_disk

_MAGIC: Final = b"GVC2"
_MARK_BYTES: Final = 8
_FILE_HEAD: Final = struct.Struct(f">4s{_MARK_BYTES}sI")
_FRAME_HEAD: Final = struct.Struct(f">{_MARK_BYTES}sII")


class FrameFile:
    """A file of frames, open at its end. Every method blocks, and raises OSError, PermanentError where it is damaged.

    After an OSError nobody knows what the disk holds of the last frame: nothing is to be written after it.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            with path.open("rb") as file:
                self._mark = _mark_of(file) or self._begun()
            flush_to_disk(path.parent)
        except BaseException:
            self.close()
            raise

    def append(self, content: bytes) -> None:
        """Return once the disk holds the frame."""
        self._write(_FRAME_HEAD.pack(self._mark, len(content), zlib.crc32(content)) + content)

    def close(self) -> None:
        """Close it."""
        os.close(self._descriptor)

    def _begun(self) -> bytes:
        mark = secrets.token_bytes(_MARK_BYTES)
        self._write(_FILE_HEAD.pack(_MAGIC, mark, zlib.crc32(_MAGIC + mark)))
        return mark

    def _write(self, content: bytes) -> None:
        left = memoryview(content)
        while left:
            left = left[write(self._descriptor, left) :]
        flush(self._descriptor)


def read_frames(path: Path) -> Iterator[bytes]:
    """Yield the content of each frame, up to one that a power cut broke. Raises PermanentError where it is damaged."""
    return (content for content, _end in _frames(path))


def cut_torn_end(path: Path) -> None:
    """Take off what a power cut left of a last frame. Raises PermanentError where the file is damaged, OSError."""
    size = path.stat().st_size
    whole = max((end for _content, end in _frames(path)), default=_FILE_HEAD.size if size >= _FILE_HEAD.size else 0)
    if whole < size:
        os.truncate(path, whole)
    flush_to_disk(path)  # what was read may be in memory alone


def _frames(path: Path) -> Iterator[tuple[bytes, int]]:
    """Yield the content of each frame, and where in the file it ends."""
    with path.open("rb") as file:
        if (mark := _mark_of(file)) is None:
            return
        whole = file.tell()
        while (content := _next(file, mark)) is not None:
            whole = file.tell()
            yield content, whole
        file.seek(whole)
        if _holds_a_frame(file.read(), mark):
            raise PermanentError(f"{path} is damaged: what follows a broken frame is whole.")


def _mark_of(file: IO[bytes]) -> bytes | None:
    """Return the mark that frames begin with; None in a file that was not begun, or not to its head's end."""
    head = file.read(_FILE_HEAD.size)
    if len(head) < _FILE_HEAD.size:
        return None
    magic, mark, checksum = _FILE_HEAD.unpack(head)
    if magic != _MAGIC or checksum != zlib.crc32(_MAGIC + mark):
        raise PermanentError(f"{file.name} is damaged: it has no head of a file of frames.")
    return bytes(mark)


def _next(file: IO[bytes], mark: bytes) -> bytes | None:
    head = file.read(_FRAME_HEAD.size)
    if len(head) < _FRAME_HEAD.size:
        return None
    begins_with, length, checksum = _FRAME_HEAD.unpack(head)
    if begins_with != mark:
        return None
    content = file.read(length)
    return content if len(content) == length and zlib.crc32(content) == checksum else None


def _holds_a_frame(rest: bytes, mark: bytes) -> bool:
    """Say whether a whole frame lies anywhere past the beginning of what is left."""
    begins = (found.start() for found in re.finditer(re.escape(mark), rest))
    return any(_next(BytesIO(rest[at:]), mark) is not None for at in begins if at > 0)
