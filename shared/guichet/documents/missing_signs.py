"""Signs that cannot be printed. Pure.

PDF/A takes no text without its glyphs: where no typeface of ours draws a sign, such as an emoji, a box stands for it.
Typst says of which texts that is so (a cluster of signs each), as Rust quotes them.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

BOX: Final = "\N{WHITE SQUARE}"
_UNSHOWN: Final = re.compile(r'the text (?:contains the disallowed codepoint )?`"((?:[^"\\]|\\.)*)"`')
_ESCAPED: Final = re.compile(r"\\(?:u\{([0-9a-f]{1,6})\}|(.))", re.DOTALL)
_NAMED: Final = {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}
_LINE_ENDS: Final = re.compile(r"\r\n?|[\x0b\x0c\x85]")
_NO_TEXT: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202d\u202e\ufeff\ufdd0-\ufdef\ufffe\uffff]")
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Mn", "Me", "Cn"})
_ORDINARY: Final = re.compile(r"[^\n\t\x20-\x7e\xa0-\xac\xae-\xff\u0152\u0153\u2013\u2014\u2018\u2019\u20ac]")


def text_alone(said: Any) -> Any:
    """Return what a document says without what is no text: controls, and signs that turn the order of others."""
    return _in_each(said, lambda text: _NO_TEXT.sub("", _LINE_ENDS.sub("\n", text)))


def missing_signs(complaint: str) -> frozenset[str]:
    """Return the texts of which Typst complains that they cannot be shown."""
    return frozenset(filter(None, (_unquoted(each) for each in _UNSHOWN.findall(complaint))))


def boxed(said: Any, missing: Collection[str]) -> Any:
    """Return what a document says without texts that cannot be shown: a box for each, nothing for an invisible one."""
    if not missing:
        return said
    longest_first = sorted(missing, key=lambda each: (-len(each), each))
    pattern = re.compile("|".join(map(re.escape, longest_first)))
    return _in_each(said, lambda text: pattern.sub(_stand_in, text))


def ordinary(said: Any) -> Any:
    """Return what a document says with a box for each sign that is not of Western Europe: the last resort."""
    return _in_each(said, lambda text: _ORDINARY.sub(_stand_in, text))


def _stand_in(found: re.Match[str]) -> str:
    return "" if all(unicodedata.category(sign) in _INVISIBLE for sign in found[0]) else BOX


def _in_each(said: Any, change: Callable[[str], str]) -> Any:
    match said:
        case str():
            return change(said)
        case Mapping():
            return {key: _in_each(value, change) for key, value in said.items()}
        case list() | tuple():
            return [_in_each(value, change) for value in said]
    return said


def _unquoted(quoted: str) -> str:
    """Return a text that Rust quoted."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)) if found[1] else _NAMED.get(found[2], found[2]), quoted)
