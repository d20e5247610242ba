"""What somebody means by a name that they typed: departments, procedures, channels, colleagues. Pure."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from guichet.search.words import words_of

Id = TypeVar("Id", bound=str)


def called(typed: str, names: Mapping[Id, Iterable[str]]) -> frozenset[Id]:
    """Return what is called so: by a whole name or id; where there is none, by words of a name that begin so, in order.

    typed: folded, as guichet.search.query reads it. names: of each id, the names that it has besides.
    """
    words = tuple(typed.split())
    every: dict[Id, list[tuple[str, ...]]] = {
        each: [words_of(name) for name in (*own_names, str(each))] for each, own_names in names.items()
    }
    own = {each for each, of in every.items() if words and words in of}
    return frozenset(own or {each for each, of in every.items() if any(_begin_so(words, there) for there in of)})


def _begin_so(typed: tuple[str, ...], words: tuple[str, ...]) -> bool:
    return bool(typed) and any(_fits(typed, words[start:]) for start in range(len(words)))


def _fits(typed: tuple[str, ...], words: tuple[str, ...]) -> bool:
    return len(words) >= len(typed) and all(word.startswith(part) for part, word in zip(typed, words, strict=False))
