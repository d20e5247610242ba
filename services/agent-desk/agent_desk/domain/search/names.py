"""What somebody means by a name that they typed: departments, procedures, channels, colleagues. Pure."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final, Generic, TypeVar

from guichet.search.words import words_of

Id = TypeVar("Id", bound=str)
_KEPT: Final = 8192  # folded names: the staff's and ids of a large town, which stay the same from search to search


class Names(Generic[Id]):
    """What things are called, folded once. names: of each id, the names that it has besides."""

    def __init__(self, names: Mapping[Id, Iterable[str]]) -> None:
        self._words = {each: [_folded(name) for name in (*own, str(each))] for each, own in names.items()}
        self._in_a_row = {
            each: "".join(f" {word}" for words in of for word in words) for each, of in self._words.items()
        }

    def called(self, typed: str) -> frozenset[Id]:
        """Return what is called so: by a whole name or id; without any, by words of a name that begin so, in order.

        typed: folded, as guichet.search.query reads it.
        """
        words = tuple(typed.split())
        if not words:
            return frozenset()
        begins = f" {words[0]}"  # which few do: the others are not looked through word by word
        maybe = {each: self._words[each] for each, row in self._in_a_row.items() if begins in row}
        own = {each for each, of in maybe.items() if words in of}
        return frozenset(own or {each for each, of in maybe.items() if any(_begin_so(words, one) for one in of)})


@lru_cache(maxsize=_KEPT)
def _folded(name: str) -> tuple[str, ...]:
    return words_of(name)


def _begin_so(typed: tuple[str, ...], words: tuple[str, ...]) -> bool:
    return any(_fits(typed, words[start:]) for start in range(len(words)))


def _fits(typed: tuple[str, ...], words: tuple[str, ...]) -> bool:
    return len(words) >= len(typed) and all(word.startswith(part) for part, word in zip(typed, words, strict=False))
