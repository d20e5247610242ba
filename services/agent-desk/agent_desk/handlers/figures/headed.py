"""Which departments somebody who heads some is shown figures of, noted in the audit trail."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from agent_desk.domain.errors import NotFoundError
from agent_desk.domain.visitor import Visitor
from guichet.ids import DepartmentId
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail
from guichet.town.town import Town


@dataclass(frozen=True, kw_only=True)
class HeadedDepartments:
    """clock: aware UTC."""

    audit: AuditTrail
    town: Town
    clock: Callable[[], datetime]

    def of(self, visitor: Visitor) -> tuple[DepartmentId, ...]:
        """Return those that the visitor heads, as the town names them."""
        return tuple(each for each in self.town.departments if each in visitor.headed)

    def chosen(self, visitor: Visitor, asked: str) -> tuple[DepartmentId, ...]:
        """Return the one that is asked for, or all where it is blank; none where it is not theirs, or there is none."""
        return tuple(each for each in self.of(visitor) if asked in {"", each})

    async def refuse(self, visitor: Visitor) -> NotFoundError:
        """Note that what was asked for is not theirs, and return what is raised. Raises TransientError."""
        await self.note(visitor, Act.NOT_FOUND, ())
        return NotFoundError()

    async def note(self, visitor: Visitor, act: Act, departments: Sequence[DepartmentId]) -> None:
        """Note what is shown of which. Raises TransientError."""
        at, agent = self.clock(), visitor.agent.agent_id
        await self.audit.record(AuditEntry(at=at, agent=agent, act=act, thing="figures", things=tuple(departments)))
