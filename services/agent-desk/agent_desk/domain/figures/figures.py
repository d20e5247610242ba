"""What the page of figures shows, and its file holds. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from agent_desk.domain.figures.day_by_day import Period, day_by_day
from agent_desk.domain.figures.workload import Workload
from guichet.ids import AgentId, DepartmentId
from guichet.law.calendar import paris_date
from guichet.store.agents.absences import Absence
from guichet.store.cases.department_days import DepartmentDay


@dataclass(frozen=True)
class Figures:
    """at: when they were counted. may_choose: the departments whose figures there are; chosen: of these, one or all.

    work: of all that are chosen together. by_department: of each. away: who is, and who stands in for them.
    days: what each received, answered and closed, the earliest first.
    """

    at: datetime
    may_choose: tuple[DepartmentId, ...]
    chosen: tuple[DepartmentId, ...]
    work: Workload
    by_department: Mapping[DepartmentId, Workload]
    away: Mapping[AgentId, Absence]
    days: tuple[DepartmentDay, ...] = ()

    @property
    def shown_days(self) -> tuple[Period, ...]:
        """The days of all that are chosen together that a page shows."""
        return day_by_day(self.days, paris_date(self.at))

    @property
    def only(self) -> DepartmentId | None:
        """The department, where it is one."""
        return self.chosen[0] if len(self.chosen) == 1 else None
