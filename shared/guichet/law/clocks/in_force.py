"""Which version of a rule holds on a day: the law changes, and what was received before stays under the rule of before.

A text says itself to what it applies, and usually « aux demandes présentées à compter du … » (docs/law.md 63). Pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

T = TypeVar("T")
S = TypeVar("S")


@dataclass(frozen=True)
class Version(Generic[T]):
    """in_force_from: its first day; None: whatever came before. until: its last day; None: it holds still.

    noted: the number of docs/law.md that says so, if one does. Raises ValueError where it ends before it begins.
    """

    rule: T
    in_force_from: date | None = None
    until: date | None = None
    noted: int | None = None

    def __post_init__(self) -> None:
        if self._last < self._first:
            raise ValueError(f"a rule cannot hold from {self._first} until {self._last}")

    @property
    def _first(self) -> date:
        return self.in_force_from or date.min

    @property
    def _last(self) -> date:
        return self.until or date.max

    def part(self, rule: S) -> "Version[S]":
        """Return a part of the rule, which holds as long as the whole."""
        return Version(rule, self.in_force_from, self.until, self.noted)

    def is_in_force(self, day: date) -> bool:
        """Say whether it holds on a day; its first and its last day are of it."""
        return self._first <= day <= self._last

    def first_together(self, other: "Version[T]") -> date | None:
        """Return the first day on which both would hold; None: there is none."""
        day = max(self._first, other._first)
        return day if self.is_in_force(day) and other.is_in_force(day) else None


@dataclass(frozen=True)
class Versions(Generic[T]):
    """Those of one rule, in any order. Raises ValueError where two hold on one day; on some days none may."""

    all: tuple[Version[T], ...]

    def __post_init__(self) -> None:
        if (day := doubled_day(self.all)) is not None:
            raise ValueError(f"two versions of a rule hold on {day}")

    def on(self, day: date) -> Version[T] | None:
        """Return the one that holds on a day; None where none is known of that day."""
        return next((each for each in self.all if each.is_in_force(day)), None)


def always(rule: T) -> Versions[T]:
    """Return a rule that has held as long as anybody asks."""
    return Versions((Version(rule),))


def doubled_day(versions: Iterable[Version[T]]) -> date | None:
    """Return a day on which two versions would hold; None: on none."""
    listed = [*versions]
    pairs = ((one, other) for nth, one in enumerate(listed) for other in listed[nth + 1 :])
    return next((day for one, other in pairs if (day := one.first_together(other)) is not None), None)
