"""Turn the bytes of a mail into text, believing what the sender says of them only as far as it holds. Pure."""

import codecs
import encodings
import pkgutil
import re
from collections.abc import Iterator
from encodings.aliases import aliases
from functools import lru_cache
from typing import Final

# What senders call charsets, and what the WHATWG Encoding Standard found that they mean.
_MEANT = {
    "ascii": "utf-8",
    "ansi_x3.4-1968": "utf-8",
    "us-ascii": "utf-8",
    "utf8mb4": "utf-8",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso8859-1": "cp1252",
    "iso-8859-8-i": "iso-8859-8",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "tis-620": "cp874",
    "windows1252": "cp1252",
    "x-ansi": "cp1252",
    "x-cp1252": "cp1252",
    "x-mac-roman": "mac_roman",
    "x-sjis": "cp932",
}
_SINGLE_BYTE = ("cp", "iso8859", "latin", "mac", "koi8")
# Codecs of Python that no mail is written in: quadratic in time, or meant for program text.
_NEVER = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})

_LIKE_ASCII: Final = frozenset({"", "ascii", "us-ascii", "utf-8", "iso-8859-1", "windows-1252"})
_BYTE_ORDER_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Where a charset has control characters that nobody types, Windows-1252 has quotes, dashes and the euro sign, which is
# what was meant; five of these bytes mean nothing there either.
_TYPED: Final = {byte: bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(0x80, 0xA0)}
_CONTROL: Final = re.compile("[\x80-\x9f]")
_ESCAPED: Final = {0xDC00 + byte: chr(byte) for byte in range(0x80, 0x100)}  # by "surrogateescape"

# Asked for any other, Python looks through its folders, and remembers for ever that there is none.
_PYTHON_HAS: Final = frozenset(
    {*aliases, *aliases.values(), *(module.name for module in pkgutil.iter_modules(encodings.__path__))}
)


def decode_text(content: bytes, declared: str | None) -> str:
    """Return text whatever the bytes are. declared: the sender's word for the charset, right or wrong or None."""
    if content.isascii() and (declared or "").lower() in _LIKE_ASCII:
        return content.decode("ascii")
    text = _decoded(content, declared)
    return text.translate(_TYPED) if _CONTROL.search(text) else text


def _decoded(content: bytes, declared: str | None) -> str:
    said = _python_name(declared)
    for charset in _candidates(content, said):
        try:
            return content.decode(charset).removeprefix("\ufeff")
        except (LookupError, UnicodeError, ValueError):
            continue
    if said in (None, "utf-8", "cp1252") and (text := _mostly_utf8(content)) is not None:
        return text
    return content.decode("latin-1")


def _candidates(content: bytes, said: str | None) -> Iterator[str]:
    """Yield what the bytes may be in, likeliest first. said: Python's name of what was declared."""
    if content.startswith(_BYTE_ORDER_MARKS):
        yield "utf-16"
    if said and not (said.startswith(_SINGLE_BYTE) and not content.isascii()):
        yield said
    # Bytes above 127 that happen to be UTF-8 are UTF-8: no French text in a single-byte charset is by chance.
    yield "utf-8"
    if said and said != "cp1252":  # Latin-1 reads that as well, and the five bytes that it lacks
        yield said


def _mostly_utf8(content: bytes) -> str | None:
    """Return a text in UTF-8 that was cut within a letter, or has words of another charset added; None for another."""
    text = content.decode("utf-8", "surrogateescape")
    as_it_should = text.encode("utf-8", "ignore").decode()
    strange = len(text) - len(as_it_should)
    accented = len(as_it_should) - len(as_it_should.encode("ascii", "ignore"))
    return text.translate(_ESCAPED).removeprefix("\ufeff") if strange <= accented else None


@lru_cache(maxsize=64)  # 8 µs otherwise, several times a mail
def _python_name(declared: str | None) -> str | None:
    name = (declared or "").strip().strip("\"'").lower()
    meant = _MEANT.get(name, name)
    try:
        if not _PYTHON_HAS & {
            encodings.normalize_encoding(meant),
            encodings.normalize_encoding(meant).replace(".", "_"),
        }:
            return None
        codec = codecs.lookup(meant).name
    except (LookupError, UnicodeError, ValueError):
        return None
    return None if codec.replace("-", "_") in _NEVER else codec
