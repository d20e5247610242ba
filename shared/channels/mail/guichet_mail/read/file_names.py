"""The names of files as senders write them, right or wrong. Pure. Sources: RFC 2231, RFC 5987, RFC 2047.

Python's own reading takes `filename` before `filename*`, and loses the letters of names that say no charset.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

from guichet.channel.text import clean_text
from guichet_mail.read.charsets import decode_text
from guichet_mail.read.headers import decode_words

MOST_PIECES: Final = 100
_PARAMETER = re.compile(r';\s*+([^\s=;*]++)(?:\*(\d{1,4}+))?+(\*)?\s*+=\s*+("(?:[^"\\]|\\.)*+"|[^;]*+)')
_QUOTED_PAIR = re.compile(r"\\(.)")
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")


class _Piece(NamedTuple):
    number: int
    is_encoded: bool
    value: str


def read_file_name(header: str, parameter: str) -> str | None:
    """Return the name in `filename` or `name` of a header, None where it has none.

    What is written for every letter of the world (`filename*`) counts more than what stands beside it for old programs.
    """
    plain: list[str] = []
    pieces: dict[int, _Piece] = {}
    for is_extended, piece in _pieces(header, parameter):
        if is_extended:
            pieces.setdefault(piece.number, piece)
        else:
            plain.append(piece.value)
    extended = _joined([pieces[each] for each in sorted(pieces)][:MOST_PIECES])
    return extended or next((_unquoted(decode_words(each)) for each in plain), None)


def _pieces(header: str, parameter: str) -> Iterator[tuple[bool, _Piece]]:
    for name, number, star, raw in _PARAMETER.findall(header):
        if name.lower() == parameter:
            value = _QUOTED_PAIR.sub(r"\1", raw[1:-1]) if raw.startswith('"') else raw.strip().strip('"')
            yield bool(number or star), _Piece(int(number or 0), bool(star), value)


def _joined(pieces: list[_Piece]) -> str:
    """Join pieces before they are decoded: a letter may be cut between two of them."""
    if not pieces:
        return ""
    charset, content = "", b""
    for place, piece in enumerate(pieces):
        value = piece.value
        if piece.is_encoded and not place and value.count("'") >= 2:
            charset, _language, value = value.split("'", 2)
        written = value.encode("utf-8", "replace")
        content += unquote_to_bytes(written) if piece.is_encoded else written
    return decode_words(decode_text(content, charset or None))


def _unquoted(name: str) -> str:
    """Return a name that was written as in an address of the web, where that gives a text in UTF-8."""
    if not _PERCENT.search(name):
        return name
    try:
        return clean_text(unquote_to_bytes(name).decode())
    except UnicodeError:
        return name
