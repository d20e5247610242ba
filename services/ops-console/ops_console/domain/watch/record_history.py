"""How many records came, minute by minute, for the last hour. Pure: every instant is given."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

MINUTES: Final = 60
_NOW_S: Final = 10.0  # "per second" means over this while
_A_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class Mark:
    """High-water marks by topic at one instant."""

    at: datetime
    records_in: Mapping[str, int]


@dataclass(frozen=True)
class Minute:
    """The first and the last mark of one minute of the clock."""

    first: Mark
    last: Mark


class History:
    """Remembers marks for an hour. What was not measured (console stopped, broker away) is a gap, not a zero."""

    def __init__(self) -> None:
        self._minutes: dict[datetime, Minute] = {}
        self._recent: deque[Mark] = deque()

    def add(self, mark: Mark) -> None:
        """Take a mark into account; marks come in order of time."""
        minute = mark.at.replace(second=0, microsecond=0)
        known = self._minutes.get(minute)
        self._minutes[minute] = Minute(known.first if known else mark, mark)
        for old in [each for each in self._minutes if minute - each > MINUTES * _A_MINUTE]:
            del self._minutes[old]
        self._recent.append(mark)
        while (mark.at - self._recent[0].at).total_seconds() > _NOW_S:
            self._recent.popleft()

    def per_second(self, topic: str) -> float | None:
        """Return records a second over the last seconds; None before there are two marks."""
        return _rate(self._recent[0], self._recent[-1], topic) if self._recent else None

    def last_hour(self, topic: str, now: datetime) -> tuple[float | None, ...]:
        """Return records a second in each of the last 60 minutes of the clock, oldest first."""
        return tuple(_rate(*ends, topic) if ends else None for ends in self._last_minutes(now))

    def records_last_hour(self, topic: str, now: datetime) -> int:
        """Return how many records were seen to come in these minutes."""
        return sum(_came(*ends, topic) for ends in self._last_minutes(now) if ends)

    def _last_minutes(self, now: datetime) -> list[tuple[Mark, Mark] | None]:
        this = now.replace(second=0, microsecond=0)
        return [self._ends(this - age * _A_MINUTE) for age in reversed(range(MINUTES))]

    def _ends(self, minute: datetime) -> tuple[Mark, Mark] | None:
        """A minute begins where the one before ended, if that was measured."""
        known, before = self._minutes.get(minute), self._minutes.get(minute - _A_MINUTE)
        return None if known is None else (before.last if before else known.first, known.last)


def _rate(first: Mark, last: Mark, topic: str) -> float | None:
    seconds = (last.at - first.at).total_seconds()
    return _came(first, last, topic) / seconds if seconds > 0 else None


def _came(first: Mark, last: Mark, topic: str) -> int:
    """A topic that was made anew counts from nothing: never less than none."""
    return max(0, last.records_in.get(topic, 0) - first.records_in.get(topic, 0))
