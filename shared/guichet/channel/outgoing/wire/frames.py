"""Frames on the socket between the notifier and a sender: four bytes for the length (big-endian), then so much JSON."""

import asyncio
from datetime import timedelta
from typing import Final

LONGEST: Final = 32 * 1024 * 1024
"""Bytes of a frame. The longest mail has 10 MiB of files, in base64 there and once more here, and its words twice."""

LONGEST_ANSWER: Final = 2 * 1024 * 1024
"""Bytes of an answer. The longest lists the most candidates that `settle` may name; a notifier awaits forty at once."""

_HEAD: Final = 4


class FrameError(Exception):
    """What came is no frame: longer than may be, or cut off."""


class TooLongError(FrameError):
    """A frame is longer than may be."""


def frame(content: bytes) -> bytes:
    """Return the content with its length. Raises TooLongError."""
    if len(content) > LONGEST:
        raise TooLongError(f"{len(content)} bytes are too long")
    return len(content).to_bytes(_HEAD, "big") + content


async def read_frame(reader: asyncio.StreamReader, within: timedelta | None = None, longest: int = LONGEST) -> bytes:
    """Return the next frame's content. within: so soon after its length. longest: bytes.

    Raises EOFError where none comes any more, FrameError, TimeoutError, and OSError when the connection breaks.
    """
    try:
        head = await reader.readexactly(_HEAD)
    except asyncio.IncompleteReadError as exc:
        raise (FrameError("cut off") if exc.partial else EOFError("no more frames")) from exc
    length = int.from_bytes(head, "big")
    if length > longest:
        raise TooLongError(f"{length} bytes are too long")
    try:
        async with asyncio.timeout(None if within is None else within.total_seconds()):
            return await reader.readexactly(length)
    except asyncio.IncompleteReadError as exc:
        raise FrameError("cut off") from exc
