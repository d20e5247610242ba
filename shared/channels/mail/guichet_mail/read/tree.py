"""The parts of a mail as Python's parser finds them, found faster where nothing about them is crooked. Pure.

Python's parser reads line by line, holds each against every open boundary, and compiles a pattern for each boundary:
200 µs for a small mail, 60 ms for a photo. A mail whose lines all end in CRLF, whose headers all look like headers and
whose multiparts are all opened and closed as RFC 2046 says is cut at the boundaries instead. Whatever looks otherwise
is Python's to read, so that nothing is understood in two ways; a test compares the two.
"""

import re
from email.errors import MessageDefect
from email.feedparser import BytesFeedParser
from email.message import Message
from email.policy import Compat32
from typing import Any, Final

from guichet.errors import PermanentError

DEEPEST: Final = 8  # mails of today have three levels
MOST_LOOKS: Final = 2_000_000  # Python's parser holds each line against every level, at 0.15 µs
MOST_LINES: Final = 1_000_000  # of a crooked mail; a full one has a third of it
MOST_PARTS: Final = 1000  # each costs 50 µs; a mail may have a tenth as many files
PARAMETERS_CHARS: Final = 4096  # of a Content-Type: Python's reading of parameters takes the square of its length

_NAME: Final = r"[!-9;-~]++"  # RFC 5322 2.2
_VALUE: Final = r"[^\r\n]*+(?:\r\n[ \t][^\r\n]*+)*+"  # folded lines included
_HEAD: Final = re.compile(rf"(?:{_NAME}:{_VALUE}\r\n)*+\r\n")
_FIELDS: Final = re.compile(rf"({_NAME}):({_VALUE})\r\n")
_END: Final = re.compile(r"--(?:\r\n|\Z)")


class CrookedError(Exception):
    """Python's parser shall say what this means."""


class _Bounded(Compat32):
    """Python's reading of headers, of values as long as are meant seriously."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        """Return a header as `Message` reads it; it is kept whole."""
        return super().header_fetch_parse(name, value[:PARAMETERS_CHARS])


_POLICY: Final = _Bounded()


class DepthDefect(MessageDefect):
    """A mail's parts lie deeper than they are looked for: its deepest one holds all that is below, as it came."""


class _BoundedParser(BytesFeedParser):
    """Python's parser, which goes down so many levels and no further, and stops where parts do not end."""

    def __init__(self, levels: int) -> None:
        super().__init__(policy=_POLICY)
        self._levels = levels
        self._parts_left = MOST_PARTS

    def _new_message(self) -> None:
        self._parts_left -= 1
        if not self._parts_left:
            raise PermanentError("too many parts", reason="unreadable")
        super()._new_message()  # type: ignore[misc]

    def _parse_headers(self, lines: list[str]) -> None:
        super()._parse_headers(lines)  # type: ignore[misc]
        part, open_parts = self._cur, self._msgstack  # type: ignore[attr-defined]
        if len(open_parts) > self._levels and part.get_content_maintype() in ("multipart", "message"):
            del part["content-type"]
            part["Content-Type"] = "application/octet-stream"
            open_parts[0].defects.append(DepthDefect())


def read_tree(content: bytes) -> Message:
    """Return what Python's parser returns, but for preambles, epilogues and defects, which may be left out.

    Where parts lie too deep, the mail has a DepthDefect. Raises PermanentError for too many parts or lines, and
    a boundary in what is no charset.
    """
    cut = cut_tree(content)
    if cut is not None:
        return cut
    lines = 1 + content.count(b"\n") + content.count(b"\r") - content.count(b"\r\n")
    if lines > MOST_LINES:
        raise PermanentError("too many lines", reason="unreadable")
    parser = _BoundedParser(min(DEEPEST, MOST_LOOKS // lines))
    try:
        parser.feed(content)
        return parser.close()
    except (ValueError, LookupError) as exc:
        raise PermanentError("a boundary in what is no charset", reason="unreadable") from exc


def is_cut_short(mail: Message) -> bool:
    """Return whether parts of a mail lie deeper than they were looked for."""
    return any(isinstance(each, DepthDefect) for each in mail.defects)


def cut_tree(content: bytes) -> Message | None:
    """Return the parts of a mail about which nothing is crooked, or None. Raises PermanentError for too many."""
    if not content.count(b"\r\n") == content.count(b"\n") == content.count(b"\r"):
        return None
    if content.count(b"\r\n--") > 2 * MOST_PARTS:
        return None
    try:
        return _read_part(content.decode("ascii", "surrogateescape"), DEEPEST)
    except CrookedError:
        return None


def head_of(text: str) -> tuple[Message, int]:
    """Return the part that begins here, without its body, and where that begins. Raises CrookedError."""
    head = _HEAD.match(text)
    if head is None:
        raise CrookedError
    part = Message(policy=_POLICY)
    for name, value in _FIELDS.findall(head[0]):
        part.set_raw(name, value.lstrip(" \t"))
    return part, head.end()


def _read_part(text: str, levels_left: int) -> Message:
    part, body = head_of(text)
    _read_body(part, text[body:], levels_left)
    return part


def _read_body(part: Message, body: str, levels_left: int) -> None:
    match part.get_content_maintype():
        case "multipart":
            if not levels_left or part.get_content_type() == "multipart/digest":
                raise CrookedError
            for piece in _pieces(body, boundary_of(part)):
                part.attach(_read_part(piece, levels_left - 1))
        case "message":
            raise CrookedError
        case _:
            part.set_payload(body)


def boundary_of(part: Message) -> str:
    """Return what stands between the parts of a multipart. Raises CrookedError for what cannot."""
    try:
        boundary = part.get_boundary()
    except (ValueError, LookupError) as exc:  # RFC 2231 lets it name a charset, which may be none for text
        raise CrookedError from exc
    if not boundary or not boundary.isprintable():
        raise CrookedError
    return boundary


def _pieces(body: str, boundary: str) -> list[str]:
    """Return what stands between the boundaries, the line end before a boundary being part of it (RFC 2046 5.1.1)."""
    _preamble, *pieces = f"\r\n{body}".split(f"\r\n--{boundary}")
    *pieces, end = pieces or [""]
    if not pieces or not _END.match(end) or not all(piece.startswith("\r\n") for piece in pieces):
        raise CrookedError
    if len(pieces) > MOST_PARTS:
        raise PermanentError("too many parts", reason="unreadable")
    return [piece[2:] for piece in pieces]
