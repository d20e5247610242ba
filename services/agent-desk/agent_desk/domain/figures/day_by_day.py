"""What departments received, answered and closed, day by day. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from guichet.store.cases.department_days import DepartmentDay

SHOWN: Final = 28  # days of the page, today among them; the file has all that are kept
_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True)
class Period:
    """One day, or some on end. first, last: both included."""

    first: date
    last: date
    received: int = 0
    answered: int = 0
    closed: int = 0


def day_by_day(days: Iterable[DepartmentDay], today: date) -> tuple[Period, ...]:
    """Return the last SHOWN days of all departments together, the earliest first: from the first that was counted."""
    shown = [today - timedelta(days=nth) for nth in reversed(range(SHOWN))]
    counted = [each for each in days if shown[0] <= each.day <= today]
    begins = min((each.day for each in counted), default=None)
    if begins is None:
        return ()
    return tuple(_of(day, day, counted) for day in shown if begins <= day)


def week_by_week(days: Sequence[Period]) -> tuple[Period, ...]:
    """Return weeks that end today, a week ago and so on, the earliest first; the first may be shorter."""
    if not days:
        return ()
    ends, weeks = days[-1].last, list[Period]()
    while ends >= days[0].first:
        begins = max(days[0].first, ends - _WEEK + timedelta(days=1))
        weeks.insert(0, _sum(begins, ends, [each for each in days if begins <= each.first <= ends]))
        ends -= _WEEK
    return tuple(weeks)


def _of(first: date, last: date, days: Iterable[DepartmentDay]) -> Period:
    return _sum(first, last, [each for each in days if first <= each.day <= last])


def _sum(first: date, last: date, parts: Sequence[DepartmentDay | Period]) -> Period:
    return Period(
        first,
        last,
        received=sum(each.received for each in parts),
        answered=sum(each.answered for each in parts),
        closed=sum(each.closed for each in parts),
    )
