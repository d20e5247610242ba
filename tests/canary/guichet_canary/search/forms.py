"""Every form in which a text may lie in a file. Pure.

Two haystacks are searched: the bytes as they are (`exact`), and with ASCII letters made small (`blind`).
"""

import base64
import html
import itertools
import json
import struct
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, quote_plus

MOST_MIXTURES: Final = 256
_MOSTLY_KEPT: Final = "/:@!$&'()*+,;="  # what a path or query may hold as it is


@dataclass(frozen=True)
class Form:
    """One pattern. blind: to be sought where ASCII letters were made small."""

    name: str
    pattern: bytes
    blind: bool


def forms_of(text: str) -> Iterator[Form]:
    """Return every form of a text, whatever its case, with accents or without, composed or decomposed.

    Where letters stand as themselves, any mixture of cases is found; where they are hidden in base64 or digits, the
    cases that people and programs write: as given, small, capital, title, first letter capital.
    """
    for written in mixtures(text):
        for name, encode in _LETTERS_STAND.items():
            yield from _forms(name, encode(written), blind=True)
    for written in spellings(text):
        for name, encode in _CHARSETS.items():
            for data in encode(written):
                yield from _hidden_forms(name, data)
    if text.isascii() and text.isdigit():
        yield from _integer_forms(int(text))


def mixtures(text: str) -> set[str]:
    """Return the text with small ASCII letters and every choice, letter by letter, of what the others may become."""
    composed = unicodedata.normalize("NFC", text)
    choices = [_letter(each) for each in composed]
    count = 1
    for choice in choices:
        count *= len(choice)
    if count <= MOST_MIXTURES:
        return {"".join(each) for each in itertools.product(*choices)}
    return {_small_ascii(each) for each in spellings(text)}


def spellings(text: str) -> set[str]:
    """Return the text in the usual cases, composed, decomposed and without accents."""
    cases = {text, text.lower(), text.upper(), text.title(), text.capitalize()}
    normal = {unicodedata.normalize(form, each) for form in ("NFC", "NFD") for each in cases}
    return cases | normal | {_bare(each) for each in normal}


def _letter(character: str) -> set[str]:
    if character.isascii():
        return {character.lower()}
    cases = {character, character.lower(), character.upper()}
    all_forms = {unicodedata.normalize(form, each) for form in ("NFC", "NFD") for each in cases}
    return {_small_ascii(each) for each in all_forms | {_bare(character)} if each}


def _bare(text: str) -> str:
    """Return a text without its accents."""
    return "".join(each for each in unicodedata.normalize("NFD", text) if not unicodedata.combining(each))


def _small_ascii(text: str) -> str:
    return "".join(each.lower() if each.isascii() else each for each in text)


def _forms(name: str, patterns: list[bytes], *, blind: bool) -> Iterator[Form]:
    """Yield patterns without zeros at their ends, which may lie beyond the edge of what a sparse file holds."""
    for pattern in filter(None, (each.strip(b"\0") for each in patterns)):
        yield Form(name, pattern.lower() if blind else pattern, blind)


# --- letters stand as themselves -------------------------------------------------------------------------------------


def _in(charset: str) -> Callable[[str], list[bytes]]:
    def encode(text: str) -> list[bytes]:
        try:
            return [text.encode(charset)]
        except UnicodeEncodeError:
            return []

    return encode


def _percent(text: str) -> list[bytes]:
    kept = (quote(text, safe=""), quote(text, safe=_MOSTLY_KEPT), quote_plus(text), quote_plus(text, safe=_MOSTLY_KEPT))
    return [each.encode() for each in kept]


def _quoted_printable(text: str) -> list[bytes]:
    body = "".join(chr(byte) if 32 <= byte < 127 and byte != 61 else f"={byte:02X}" for byte in text.encode())
    header = "".join(chr(b) if chr(b).isalnum() and b < 128 else "_" if b == 32 else f"={b:02X}" for b in text.encode())
    return [body.encode(), header.encode(), body.replace(" ", "=20").encode()]


def _json(text: str) -> list[bytes]:
    once = json.dumps(text)[1:-1]
    twice = json.dumps(once)[1:-1]
    readable = json.dumps(text, ensure_ascii=False)[1:-1]
    return [each.encode(errors="surrogatepass") for each in (once, twice, readable)]


def _markup(text: str) -> list[bytes]:
    return [html.escape(text).encode(), html.escape(text).encode("ascii", "xmlcharrefreplace")]


def _python(text: str) -> list[bytes]:
    """Return what repr, ascii and a bytes' repr make of it, with the backslash doubled where JSON quotes that."""
    shown = [ascii(text)[1:-1], repr(text.encode())[2:-1]]
    return [each.encode() for one in shown for each in (one, one.replace("\\", "\\\\"))]


_LETTERS_STAND: Final[dict[str, Callable[[str], list[bytes]]]] = {
    "utf-8": _in("utf-8"),
    "latin-1": _in("cp1252"),
    "utf-16-le": _in("utf-16-le"),
    "utf-16-be": _in("utf-16-be"),
    "percent": _percent,
    "quoted-printable": _quoted_printable,
    "json": _json,
    "html": _markup,
    "python": _python,
}

# --- letters are hidden ----------------------------------------------------------------------------------------------

_CHARSETS: Final[dict[str, Callable[[str], list[bytes]]]] = {
    "utf-8": _in("utf-8"),
    "latin-1": _in("cp1252"),
    "utf-16-le": _in("utf-16-le"),
    "json": lambda text: _json(text)[:1],
}


def _hidden_forms(charset: str, data: bytes) -> Iterator[Form]:
    for core in _base64_cores(data):
        yield Form(f"base64 of {charset}", core, blind=False)
        yield Form(f"url-safe base64 of {charset}", core.replace(b"+", b"-").replace(b"/", b"_"), blind=False)
    for name, before in (("hex", ""), ("percent", "%"), ("quoted-printable", "="), ("python", "\\x"), ("hex", " ")):
        pattern = before + (data.hex(" ").replace(" ", before) if before else data.hex())
        yield Form(f"{name} of {charset}", pattern.encode(), blind=True)
    if charset == "utf-16-le":
        units = struct.unpack(f"<{len(data) // 2}H", data)
        yield Form("json, every character", "".join(f"\\u{unit:04x}" for unit in units).encode(), blind=True)


def _base64_cores(data: bytes) -> Iterator[bytes]:
    """Return what stands in base64 wherever the text begins: the signs that nothing but the text decides."""
    for offset in range(3):
        encoded = base64.b64encode(bytes(offset) + data)
        first = -(-8 * offset // 6)
        whole = 8 * (offset + len(data)) // 6
        yield encoded[first:whole]


def _integer_forms(number: int) -> Iterator[Form]:
    """Return the number as a database or a log segment holds it, where eight bytes are enough to know it by."""
    if 2**40 <= number < 2**63:
        for order in ("<", ">"):
            yield from _forms("64-bit integer", [struct.pack(f"{order}q", number)], blind=False)
            yield from _forms("64-bit float", [struct.pack(f"{order}d", number)], blind=False)
