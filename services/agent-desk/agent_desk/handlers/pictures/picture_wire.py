"""What crosses between the desk and the process that draws: a short line, then bytes. Pure, and quickly loaded."""

import re
from typing import Final

from agent_desk.domain.pictures.picture import LONGEST_PICTURE, Picture, UnshownError

LONGEST_OUTPUT: Final = LONGEST_PICTURE + 100
_JPEG: Final = b"\xff\xd8\xff"
_SAID: Final = re.compile(rb"(?:pages ([1-9][0-9]{0,6})|refused ([a-z-]{1,40}))", re.ASCII)


def asking(file: bytes, page: int, box: tuple[int, int]) -> bytes:
    """Return what is asked: a page of a file, counted from 1, within a box of pixels."""
    return b"%d %d %d\n" % (page, *box) + file


def asked_in(line: bytes) -> tuple[int, tuple[int, int]]:
    """Return the page and the box that a first line asks for."""
    page, width, height = map(int, line.split())
    return page, (width, height)


def to_bytes(drawn: Picture | str) -> bytes:
    """Return an answer. drawn: the picture, or why there is none, a code."""
    if isinstance(drawn, str):
        return b"refused %s\n" % drawn.encode()
    return b"pages %d\n" % drawn.pages + drawn.jpeg


def from_bytes(answer: bytes) -> Picture:
    """Return what the process said, which nobody trusts. Raises UnshownError."""
    line, _, jpeg = answer.partition(b"\n")
    said = _SAID.fullmatch(line)
    if said is None:
        raise UnshownError("unreadable")
    if said[2] is not None:
        raise UnshownError("too-much" if said[2] == b"too-much" else "unreadable")
    if not jpeg.startswith(_JPEG) or len(jpeg) > LONGEST_PICTURE:
        raise UnshownError("unreadable")
    return Picture(jpeg, int(said[1]))
