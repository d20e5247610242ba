"""An agent gives a case to one who may answer it, takes it, or gives it back."""

from agent_desk.domain.decisions.decision import Sheet
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.cases.decide import DecisionPorts, issue, seal_reason
from guichet.case.record import CaseRecord
from guichet.contracts.case_commands import AssignCase
from guichet.ids import AgentId, EventId
from guichet.store.audit.trail import Act


async def assign_case(
    visitor: Visitor, case: CaseRecord, *, sheet: Sheet, to: AgentId | None, words: str, ports: DecisionPorts
) -> EventId:
    """Make a case an agent's work; to: None, nobody's. words: for who takes over, sealed under the case's key; or none.

    Returns the command's id. Raises TransientError, ErasedError when the case was erased meanwhile.
    """
    decision = ports.decide(visitor, case, "assign", sheet, f"{to or ''}\n{words}")
    reason = await seal_reason(case, decision, words, ports) if words else None
    return await issue(AssignCase(**decision.given(ports.clock()), to=to, reason=reason), Act.ASSIGNED, ports)
