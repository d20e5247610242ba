"""An agent opens a closed case again."""

from agent_desk.domain.decisions.decision import Sheet
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.cases.decide import DecisionPorts, issue, seal_reason
from guichet.case.record import CaseRecord
from guichet.contracts.case_commands import ReopenCase
from guichet.ids import EventId
from guichet.store.audit.trail import Act


async def reopen_case(visitor: Visitor, case: CaseRecord, *, sheet: Sheet, why: str, ports: DecisionPorts) -> EventId:
    """Open a closed case again, the reason sealed under its key. Returns the command's id.

    Raises TransientError, ErasedError when the case was erased meanwhile.
    """
    decision = ports.decide(visitor, case, "reopen", sheet, why)
    reason = await seal_reason(case, decision, why, ports)
    return await issue(ReopenCase(**decision.given(ports.clock()), reason=reason), Act.REOPENED, ports)
