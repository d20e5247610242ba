"""Where the parts of a mail begin and end, of any size, found without copying what they hold. Pure.

Nothing is read here that is not in order, and nothing that mail servers change on the way matters: line ends, what
stands on top, how a part is encoded. It is done where every mail passes, so it costs little for any: 20 MB of anything
take less than half a second.
"""

import binascii
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from typing import Final

from guichet_mail.read.headers import HEAD_BYTES
from guichet_mail.read.small import MOST_BOUNDARIES, is_modest
from guichet_mail.read.tree import DEEPEST, CrookedError, boundary_of, head_of

_PART_HEAD_BYTES: Final = 4 * 1024  # mail servers add nothing there; each of its lines costs 1 µs
_END: Final = (b"--\r\n", b"--")  # what follows the last boundary, the mail's end perhaps


@dataclass(frozen=True)
class Section:
    """A part that holds bytes: its headers, and where in the mail it lies."""

    head: Message = field(repr=False)
    start: int
    end: int


@dataclass(frozen=True)
class Outline:
    """A mail whose lines all end in CRLF. sections: in its order."""

    content: bytes = field(repr=False)
    head: Message = field(repr=False)
    sections: list[Section] = field(repr=False)

    def decoded(self, section: Section) -> bytes:
        """Return what a part holds, under its transfer encoding; where that is broken, as it came."""
        encoding = str(section.head.get("content-transfer-encoding", "")).strip().lower()
        with memoryview(self.content)[section.start : section.end] as body:
            try:
                if encoding == "base64":
                    return binascii.a2b_base64(body)
                if encoding == "quoted-printable":
                    return binascii.a2b_qp(body)
            except binascii.Error:
                pass
            return bytes(body)


def outline_of(content: bytes) -> Outline | None:
    """Return where a mail's parts are, or None where something about it is crooked, or a mail within it."""
    regular = _with_crlf(content)
    if regular is None or regular.count(b"\r\n--") > MOST_BOUNDARIES:
        return None
    try:
        head, start = _head_at(regular, 0, HEAD_BYTES)
        return Outline(regular, head, list(_sections(regular, Section(head, start, len(regular)), DEEPEST)))
    except CrookedError:
        return None


def _with_crlf(content: bytes) -> bytes | None:
    """Return the mail with CRLF where a server may have made LF of it; None where a CR is alone."""
    ended = content.count(b"\r\n")
    if content.count(b"\r") != ended:
        return None
    if content.count(b"\n") == ended:
        return content
    return content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _sections(content: bytes, part: Section, levels_left: int) -> Iterator[Section]:
    if not is_modest(part.head):
        raise CrookedError
    match part.head.get_content_maintype():
        case "multipart":
            if not levels_left or part.head.get_content_type() == "multipart/digest":
                raise CrookedError
            for start, end in _pieces(content, part, boundary_of(part.head).encode("utf-8", "surrogateescape")):
                head, body = _head_at(content, start, min(end, start + _PART_HEAD_BYTES))
                yield from _sections(content, Section(head, body, end), levels_left - 1)
        case "message":
            raise CrookedError
        case _:
            yield part


def _head_at(content: bytes, start: int, end: int) -> tuple[Message, int]:
    """Return a part's headers and where its body begins. end: of what the headers may take."""
    if content.startswith(b"\r\n", start, end):
        return Message(), start + 2
    blank = content.find(b"\r\n\r\n", start, end)
    if blank < 0:
        raise CrookedError
    head, _ = head_of(content[start : blank + 4].decode("ascii", "surrogateescape"))
    return head, blank + 4


def _pieces(content: bytes, part: Section, boundary: bytes) -> Iterator[tuple[int, int]]:
    """Yield where what stands between the boundaries begins and ends, as `tree` cuts it."""
    delimiter, begun = b"\r\n--" + boundary, None
    at = part.start - 2  # the head's own last line end may be the boundary's
    while (at := content.find(delimiter, at, part.end)) >= 0:
        if begun is not None:
            yield begun, at
        at += len(delimiter)
        if content.startswith(b"\r\n", at, part.end):
            begun = at + 2
        elif begun is not None and content[at : min(at + 4, part.end)] in _END:
            return
        else:
            break
    raise CrookedError
