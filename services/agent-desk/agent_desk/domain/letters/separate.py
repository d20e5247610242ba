"""Where a letter of a stack ends and the next begins: at a separator sheet of the desk's, and with its file. Pure."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, count, groupby
from typing import Final

from guichet.privacy.pseudonyms import keyed_digest

_SHEET: Final = "GUICHET INTERCALAIRE "

Codes = Collection[str]  # what the codes on a page say


def mark_of(key: bytes) -> str:
    """Return what the code on a town's separator sheets says: no letter can bear it by chance, or by malice."""
    return _SHEET + keyed_digest(key, b"separator sheet")[:16]


def letters_of(files: Sequence[Sequence[Codes]], mark: str, *, as_one: bool = False) -> list[list[int]]:
    """Return the pages of each letter, counted from 0 through all files, in their order.

    files: what the codes on each page say. as_one: sheets alone say where a letter ends, as if all were one file.
    The sheets themselves belong to none; two of them in a row, or one at an end, make no letter.
    """
    letters, numbers = list[list[int]](), count()
    for stack in [[*chain(*files)]] if as_one else _stacks(files, mark):
        letters.append([])
        for codes in stack:
            number = next(numbers)
            if mark in codes:
                letters.append([])
            else:
                letters[-1].append(number)
    return [each for each in letters if each]


def _stacks(files: Iterable[Sequence[Codes]], mark: str) -> Iterator[Sequence[Codes]]:
    """Yield the pages within which sheets alone cut: no letter goes on from one stack to the next.

    A file is a stack, whatever sheets lie in other files: two people's letters are never one. Where files of one page
    follow each other and a sheet is among them, a scanner wrote a file for each page: they are one stack.
    """
    for is_one_page, alike in groupby(files, key=lambda file: len(file) == 1):
        run = [*alike]
        if is_one_page and any(mark in codes for [codes] in run):
            yield [*chain(*run)]
        else:
            yield from run
