"""What an agent may see. Every reading of cases takes a scope; there is no way to read without one."""

from dataclasses import dataclass
from typing import Literal

from guichet.ids import AgentId, DepartmentId, SectorId

Detail = Literal["full", "synthesis"]  # synthesis: to come (docs/design.md)


@dataclass(frozen=True)
class Scope:
    """The departments and sectors of one agent, and how much of a case they see."""

    agent: AgentId
    departments: frozenset[DepartmentId]
    sectors: frozenset[SectorId]
    detail: Detail = "full"

    def covers(self, sector: SectorId, department: DepartmentId) -> bool:
        """True when a case of this department, filed in this sector, may be seen at all."""
        return sector in self.sectors and department in self.departments
