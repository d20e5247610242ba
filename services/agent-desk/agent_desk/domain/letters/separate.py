"""Where a letter of a stack ends and the next begins: at a separator sheet of the desk's, else with its file. Pure."""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from guichet.privacy.pseudonyms import keyed_digest

_SHEET: Final = "GUICHET INTERCALAIRE "


def mark_of(key: bytes) -> str:
    """Return what the code on a town's separator sheets says: no letter can bear it by chance, or by malice."""
    return _SHEET + keyed_digest(key, b"separator sheet")[:16]


def letters_of(pages: Sequence[Collection[str]], mark: str, first_pages: Iterable[int] = ()) -> list[list[int]]:
    """Return the pages of each letter, counted from 0, in their order. pages: what the codes on each page say.

    The sheets themselves belong to none; two of them in a row, or one at an end, make no letter. Where there is no
    sheet at all, each file is a letter: two people's are never one by chance. first_pages: at which pages files begin.
    """
    begins = frozenset[int]() if any(mark in codes for codes in pages) else frozenset(first_pages)
    letters: list[list[int]] = [[]]
    for number, codes in enumerate(pages):
        if mark in codes or number in begins:
            letters.append([])
        if mark not in codes:
            letters[-1].append(number)
    return [each for each in letters if each]
