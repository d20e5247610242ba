"""How the clocks of departments' cases ended, month by month: met in time, late, not at all, or by silence. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Final

from guichet.ids import DepartmentId
from guichet.law.calendar import paris_date
from guichet.law.clocks.clock import ClockKind
from guichet.law.clocks.outcome import COUNTED, Outcome
from guichet.store.cases.department_days import DepartmentDay, ended_under

MONTHS: Final = 12  # that are shown, this one among them
_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Tally:
    """How many clocks ended so. of: one kind; None: all of them together."""

    of: ClockKind | None
    outcomes: Counter[Outcome]

    @property
    def ended(self) -> int:
        """How many ended, in whatever way."""
        return self.outcomes.total()

    @property
    def missed(self) -> int:
        """How many nobody has met."""
        return self.outcomes[Outcome.NOT_MET]

    @property
    def by_silence(self) -> int:
        """How many silence decided."""
        return self.outcomes[Outcome.ACCEPTED] + self.outcomes[Outcome.REJECTED]

    def percent(self, *outcomes: Outcome) -> int | None:
        """Return how many of a hundred ended in one of these ways, rounded; None: none has ended."""
        return round(100 * sum(self.outcomes[each] for each in outcomes) / self.ended) if self.ended else None


@dataclass(frozen=True)
class DepartmentDelays:
    """One department's month: a tally of each kind, and of all together."""

    department: DepartmentId | None
    tallies: tuple[Tally, ...]
    together: Tally


@dataclass(frozen=True)
class Delays:
    """at: when they were read. may_choose: departments whose figures there are; chosen: of these, one or all.

    month: the first day of the one that is shown in full. days: of all MONTHS.
    """

    at: datetime
    may_choose: tuple[DepartmentId, ...]
    chosen: tuple[DepartmentId, ...]
    month: date
    days: tuple[DepartmentDay, ...]

    @property
    def only(self) -> DepartmentId | None:
        """The department, where it is one."""
        return self.chosen[0] if len(self.chosen) == 1 else None

    @property
    def months(self) -> tuple[date, ...]:
        """The first days of the months that are shown, the newest first."""
        return last_months(paris_date(self.at))

    @property
    def begins(self) -> date | None:
        """The first day of these on which a clock was counted; None: none was."""
        return min((each.day for each in self.days if each.ended), default=None)

    def of(self, month: date, department: DepartmentId | None = None) -> DepartmentDelays:
        """Return a month of a department, or of all that are chosen together."""
        departments = self.chosen if department is None else (department,)
        theirs = [day for each in departments for day in self._by_month.get((month, each), ())]
        return _delays_of(department, theirs)

    @cached_property
    def _by_month(self) -> Mapping[tuple[date, DepartmentId], Sequence[DepartmentDay]]:
        found = defaultdict[tuple[date, DepartmentId], list[DepartmentDay]](list)
        for each in self.days:
            found[first_of_month(each.day), each.department].append(each)
        return found


def first_of_month(day: date) -> date:
    """Return the day on which its month begins."""
    return day.replace(day=1)


def last_months(today: date) -> tuple[date, ...]:
    """Return the first days of the last MONTHS, the newest first."""
    months = [first_of_month(today)]
    while len(months) < MONTHS:
        months.append(first_of_month(months[-1] - _ONE_DAY))
    return tuple(months)


def chosen_month(asked: str, today: date) -> date | None:
    """Return the month that an address asks for, as 2026-03: this one, where it asks for none; None: not shown."""
    if not asked:
        return first_of_month(today)
    return next((each for each in last_months(today) if f"{each:%Y-%m}" == asked), None)


def _delays_of(department: DepartmentId | None, days: Sequence[DepartmentDay]) -> DepartmentDelays:
    tallies = tuple(_tally_of(kind, days) for kind in COUNTED)
    together = Tally(None, sum((each.outcomes for each in tallies), Counter[Outcome]()))
    return DepartmentDelays(department, tallies, together)


def _tally_of(kind: ClockKind, days: Iterable[DepartmentDay]) -> Tally:
    outcomes = Counter[Outcome]()
    for day in days:
        for outcome in Outcome:
            outcomes[outcome] += day.ended.get(ended_under(kind, outcome), 0)
    return Tally(kind, outcomes)
