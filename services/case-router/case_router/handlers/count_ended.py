"""Count how the clocks of each department's cases ended, again and again: whatever was counted is replaced.

The last days at each look, and of the older ones that are kept one stretch after the other: what is done late, or taken
back, changes a day of long ago.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Final

from guichet.ids import DepartmentId
from guichet.law.calendar import paris_date, start_of_day
from guichet.store.cases.department_days import KEPT, DepartmentDays, ended_under
from guichet.store.cases.ended_clocks import EndedClocks, EndedOn

STRETCH: Final = 20  # days
STRETCHES: Final = KEPT.days // STRETCH


class CountEnded:
    """departments: the town's. clock: aware UTC."""

    def __init__(
        self,
        *,
        ended: EndedClocks,
        days: DepartmentDays,
        departments: Collection[DepartmentId],
        clock: Callable[[], datetime],
    ) -> None:
        self._ended = ended
        self._days = days
        self._departments = departments
        self._clock = clock
        self._older = 0

    async def look(self) -> None:
        """Count the last stretch, today at its end, and the next of the older ones. Raises TransientError."""
        today = paris_date(self._clock())
        self._older = self._older % (STRETCHES - 1) + 1
        for nth in (0, self._older):
            last = today - timedelta(days=nth * STRETCH)
            days = [last - timedelta(days=before) for before in range(STRETCH)]
            for department in self._departments:
                await self._count(department, days)

    async def _count(self, department: DepartmentId, days: list[date]) -> None:
        since, until = start_of_day(days[-1]), start_of_day(days[0] + timedelta(days=1))
        found = await self._ended.count(department, since, until)
        await self._days.put_ended(department, {day: _of_day(day, found) for day in days})


def _of_day(day: date, found: Mapping[EndedOn, int]) -> dict[str, int]:
    counted = {ended_under(each.clock, each.outcome): number for each, number in found.items() if each.day == day}
    return dict(sorted(counted.items()))
