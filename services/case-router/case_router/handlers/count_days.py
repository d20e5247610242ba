"""Count what each department received, answered and closed a day, again and again: whatever was counted is replaced.

A count of what the history holds once is right however often it is made, by however many routers, and after a replay.
A department's days begin with the first on which anything is counted: what lies before was not quiet, it is not known.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from guichet.ids import DepartmentId
from guichet.law.calendar import paris_date, start_of_day
from guichet.store.cases.department_days import DepartmentDay, DepartmentDays, department_day
from guichet.store.cases.history import CaseHistory, OnADay

AGAIN: Final = 14  # days: what is decided late is dated as its message is, so a day grows while the router catches up
ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class CountDays:
    """departments: the town's. clock: aware UTC."""

    history: CaseHistory
    days: DepartmentDays
    departments: Iterable[DepartmentId]
    clock: Callable[[], datetime]

    async def look(self) -> None:
        """Count the last days, today among them. Raises TransientError."""
        today = paris_date(self.clock())
        last_days = [today - nth * ONE_DAY for nth in range(AGAIN)]
        since, until = start_of_day(last_days[-1]), start_of_day(today + ONE_DAY)
        for department in self.departments:
            found = await self.history.count_days(department, since, until)
            begun = await self.days.first(department)
            begins = min([each.day for each in found] + ([begun.day] if begun else []), default=None)
            if begins is not None:
                counted = [day for day in last_days if begins <= day]
                await self.days.put([*_days_of(department, counted, found)])


def _days_of(department: DepartmentId, days: Iterable[date], found: Mapping[OnADay, int]) -> Iterator[DepartmentDay]:
    for day in days:
        yield department_day(
            department,
            day,
            received=found.get(OnADay(day, "CaseOpened"), 0),
            answered=found.get(OnADay(day, "ReplyRequested"), 0),
            closed=found.get(OnADay(day, "CaseClosed"), 0),
        )
