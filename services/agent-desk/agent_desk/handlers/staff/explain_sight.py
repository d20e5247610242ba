"""What an agent sees of a case, and why, for who administers and sees that case, too (docs/law.md 55)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.staff.staff_directory import StaffDirectory
from guichet.ids import AgentId, DepartmentId, Reference
from guichet.law.calendar import paris_date
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail
from guichet.store.cases.reader import CaseReader
from guichet.town.staff.why import Explanation, explain


@dataclass(frozen=True)
class Sight:
    """department: whose case it is; None: the asker sees no case of that reference, and is told nothing of one."""

    explanation: Explanation
    department: DepartmentId | None


@dataclass(frozen=True, kw_only=True)
class SightExplainer:
    """Asks the store for the case within the agent's scope, then within the asker's: never beyond both."""

    staff: StaffDirectory
    cases: CaseReader
    audit: AuditTrail
    clock: Callable[[], datetime]

    async def explain(self, visitor: Visitor, agent_id: AgentId, reference: str) -> Sight | None:
        """Return what an agent sees of the case of a reference; None where there is no such agent.

        A case that the asker does not see is one that does not exist, whatever the agent sees. Raises TransientError.
        """
        staff, day = await self.staff.now(), paris_date(self.clock())
        agent = staff.by_id.get(agent_id)
        if agent is None:
            return None
        scope = self.staff.scopes.of(agent, staff, day)
        theirs = await self.cases.find_by_reference(scope, Reference(reference))
        askers = await self.cases.find_by_reference(visitor.listed, Reference(reference))
        things = (agent_id, *([askers.case_id] if askers else []))  # the trail tells no more than the answer
        await self.audit.record(
            AuditEntry(at=self.clock(), agent=visitor.agent.agent_id, act=Act.EXPLAINED, thing="agent", things=things)
        )
        explanation = explain(agent, theirs if askers else None, staff, self.staff.scopes, day)
        return Sight(explanation, askers.department if askers else None)
