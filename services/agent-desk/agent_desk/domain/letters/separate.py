"""Where one letter of a stack ends and the next begins: at a separator sheet of the desk's. Pure."""

from collections.abc import Iterable, Sequence
from typing import Final

from guichet.privacy.pseudonyms import keyed_digest

_SHEET: Final = "GUICHET INTERCALAIRE "


def mark_of(key: bytes) -> str:
    """Return what the code on a town's separator sheets says: no letter can bear it by chance, or by malice."""
    return _SHEET + keyed_digest(key, b"separator sheet")[:16]


def letters_of(pages: Sequence[Iterable[str]], mark: str) -> list[list[int]]:
    """Return the pages of each letter, counted from 0, in their order. pages: what the codes on each page say.

    The sheets themselves belong to none; two of them in a row, or one at an end, make no letter.
    """
    letters: list[list[int]] = [[]]
    for number, codes in enumerate(pages):
        if mark in codes:
            letters.append([])
        else:
            letters[-1].append(number)
    return [each for each in letters if each]
