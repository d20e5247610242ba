"""What a benchmark says: rows of figures, one value a round. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Self


@dataclass(frozen=True)
class Aim:
    """What a figure should reach: `limit` at least, or at most."""

    limit: float
    at_least: bool

    def is_met(self, value: float) -> bool:
        """Return whether a median reaches the aim; nothing is ever asserted on it."""
        return value >= self.limit if self.at_least else value <= self.limit


def at_least(limit: float) -> Aim:
    """Return an aim for what should be large."""
    return Aim(limit, at_least=True)


def at_most(limit: float) -> Aim:
    """Return an aim for what should be small."""
    return Aim(limit, at_least=False)


@dataclass(frozen=True)
class Row:
    """One figure of the table. values: one per round, at least one. unit: "×" for a ratio, "/s", "ms", "MiB", "s".

    A row without an aim is there to understand the others.
    """

    figure: str
    values: tuple[float, ...]
    unit: str
    aim: Aim | None = None

    @classmethod
    def ratio(cls, figure: str, ours: Sequence[float], measure: Sequence[float], aim: Aim | None = None) -> Self:
        """Return ours ÷ measure, round by round: what slows the machine in one round slows both sides of it."""
        return cls(figure, tuple(above / below for above, below in zip(ours, measure, strict=True)), "×", aim)

    @property
    def median(self) -> float:
        """The middle of the rounds."""
        return median(self.values)

    @property
    def spread(self) -> tuple[float, float]:
        """The lowest and the highest round."""
        return min(self.values), max(self.values)

    @property
    def is_met(self) -> bool | None:
        """Whether the median reaches the aim; None without one."""
        return self.aim.is_met(self.median) if self.aim else None


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` (0 to 1) of the values lie: the nearest rank, no interpolation."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]
