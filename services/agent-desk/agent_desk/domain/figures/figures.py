"""What the page of figures shows, and its file holds. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from agent_desk.domain.figures.workload import Workload
from guichet.ids import AgentId, DepartmentId
from guichet.store.agents.absences import Absence


@dataclass(frozen=True)
class Figures:
    """at: when they were counted. may_choose: the departments whose figures there are; chosen: of these, one or all.

    work: of all that are chosen together. by_department: of each. away: who is, and who stands in for them.
    """

    at: datetime
    may_choose: tuple[DepartmentId, ...]
    chosen: tuple[DepartmentId, ...]
    work: Workload
    by_department: Mapping[DepartmentId, Workload]
    away: Mapping[AgentId, Absence]

    @property
    def only(self) -> DepartmentId | None:
        """The department, where it is one."""
        return self.chosen[0] if len(self.chosen) == 1 else None
