"""Turn the bytes of a mail into text, believing what the sender says of them only as far as it holds. Pure."""

import codecs
import encodings
import pkgutil
from collections.abc import Iterator
from encodings.aliases import aliases
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
}
_SINGLE_BYTE = ("cp", "iso8859", "latin", "mac", "koi8")
# Codecs of Python that no mail is written in: quadratic in time, or meant for program text.
_NEVER = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})

# Asked for any other, Python looks through its folders, and remembers for ever that there is none.
_PYTHON_HAS: Final = frozenset(
    {*aliases, *aliases.values(), *(module.name for module in pkgutil.iter_modules(encodings.__path__))}
)


def decode_text(content: bytes, declared: str | None) -> str:
    """Return text whatever the bytes are. declared: the sender's word for the charset, right or wrong or None."""
    for charset in _candidates(content, declared):
        try:
            return content.decode(charset).removeprefix("\ufeff")
        except (LookupError, UnicodeError, ValueError):
            continue
    return content.decode("latin-1")


def _candidates(content: bytes, declared: str | None) -> Iterator[str]:
    said = _python_name(declared)
    if said and not (said.startswith(_SINGLE_BYTE) and not content.isascii()):
        yield said
    # Bytes above 127 that happen to be UTF-8 are UTF-8: no French text in a single-byte charset is by chance.
    yield "utf-8"
    if said:
        yield said
    yield "cp1252"


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
