"""Chance that is the same on every machine and in every version of Python. Pure; nothing secret comes of it."""

from collections.abc import Sequence
from hashlib import sha256
from itertools import accumulate, count
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """One of a seed gives the same answers in the same order."""

    def __init__(self, seed: int) -> None:
        self._drawn = (sha256(f"demonstration {seed} {nth}".encode()).digest() for nth in count())

    def share(self) -> float:
        """Return a number from 0 to 1, without 1."""
        return int.from_bytes(next(self._drawn)[:6], "big") / (1 << 48)

    def below(self, end: int) -> int:
        """Return a whole number from 0 on, less than `end`."""
        return int(self.share() * end)

    def one_of(self, values: Sequence[T]) -> T:
        """Return one of these."""
        return values[self.below(len(values))]

    def weighted(self, values: Sequence[T], weights: Sequence[float]) -> T:
        """Return one of these, the heavier the likelier."""
        sums = [*accumulate(weights)]
        drawn = self.share() * sums[-1]
        return next(value for value, upto in zip(values, sums, strict=True) if drawn < upto)

    def shuffled(self, values: Sequence[T]) -> list[T]:
        """Return these in another order."""
        return [values[place] for _, place in sorted((self.share(), place) for place in range(len(values)))]
