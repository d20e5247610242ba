"""Invented words, as frequent as French ones are: what citizens of a measured town write."""

from collections.abc import Iterator
from itertools import accumulate, product
from random import Random
from typing import Final

WORDS: Final = 60_000
EXPONENT: Final = 1.05  # Zipf's, of French
FREQUENT: Final = 200
RARE_FROM: Final = 5_000
SURNAMES: Final = 5_000
_SOUNDS: Final = (
    "ba",
    "che",
    "di",
    "fou",
    "gra",
    "lin",
    "mo",
    "né",
    "pri",
    "quo",
    "ri",
    "sa",
    "ton",
    "vé",
    "ver",
    "zo",
)


class FrenchWords:
    """The words by rank, the most frequent first."""

    def __init__(self) -> None:
        self._words = [*_words()]
        self._weights = [*accumulate(1 / rank**EXPONENT for rank in range(1, WORDS + 1))]

    def text(self, by: Random, fewest: int, most: int) -> list[str]:
        """Return what somebody writes: so many words."""
        return by.choices(self._words, cum_weights=self._weights, k=by.randint(fewest, most))

    def frequent(self, by: Random) -> str:
        """Return one of the most frequent words."""
        return by.choice(self._words[:FREQUENT])

    def rare(self, by: Random) -> str:
        """Return one of the others."""
        return by.choice(self._words[RARE_FROM:])

    def name(self, by: Random) -> str:
        """Return a surname."""
        return self._words[-by.randint(1, SURNAMES)]


def _words() -> Iterator[str]:
    for nth, sounds in enumerate(product(_SOUNDS, repeat=4)):
        if nth == WORDS:
            return
        yield "".join(reversed(sounds))  # so that frequent words begin with every sound
