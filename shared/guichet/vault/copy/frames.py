"""A file that only grows, in frames that are each on the disk before the next is written.

    "GVC1" · length, 4 bytes · CRC-32 of the content, 4 bytes · content        big-endian

So a power cut or a kill leaves at most one frame broken, at the end: it was never acknowledged, and is cut off. One
that is broken and followed by a whole one was changed on the disk: that file is damaged.
"""

import os
import re
import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from os import fsync as flush
from os import write
from pathlib import Path
from typing import IO, Final

from guichet.errors import PermanentError
from guichet.runtime.disk import flush_to_disk

_MAGIC: Final = b"GVC1"
_HEAD: Final = struct.Struct(">4sII")


class FrameFile:
    """A file of frames, open at its end. Every method blocks, and raises OSError.

    After an OSError nobody knows what the disk holds of the last frame: nothing is to be written after it.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        flush_to_disk(path.parent)

    def append(self, content: bytes) -> None:
        """Return once the disk holds the frame."""
        frame = memoryview(_HEAD.pack(_MAGIC, len(content), zlib.crc32(content)) + content)
        while frame:
            frame = frame[write(self._descriptor, frame) :]
        flush(self._descriptor)

    def close(self) -> None:
        """Close it."""
        os.close(self._descriptor)


def read_frames(path: Path) -> Iterator[bytes]:
    """Yield the content of each frame, up to one that a power cut broke. Raises PermanentError where it is damaged."""
    with path.open("rb") as file:
        whole = 0
        while (content := _next(file)) is not None:
            yield content
            whole = file.tell()
        file.seek(whole)
        if _holds_a_frame(file.read()):
            raise PermanentError(f"{path} is damaged: what follows a broken frame is whole.")


def cut_torn_end(path: Path) -> None:
    """Take off what a power cut left of a last frame. Raises PermanentError where the file is damaged, OSError."""
    whole = sum(_HEAD.size + len(content) for content in read_frames(path))
    if whole < path.stat().st_size:
        os.truncate(path, whole)
        flush_to_disk(path)


def _next(file: IO[bytes]) -> bytes | None:
    head = file.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    magic, length, checksum = _HEAD.unpack(head)
    if magic != _MAGIC:
        return None
    content = file.read(length)
    return content if len(content) == length and zlib.crc32(content) == checksum else None


def _holds_a_frame(rest: bytes) -> bool:
    """Say whether a whole frame lies anywhere past the beginning of what is left."""
    begins = (found.start() for found in re.finditer(re.escape(_MAGIC), rest))
    return any(_next(BytesIO(rest[at:])) is not None for at in begins if at > 0)
