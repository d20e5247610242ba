"""An agent opens a closed case again."""

from agent_desk.domain.decisions.decision import Sheet
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.cases.decide import DecisionPorts, issue, seal_reason
from guichet.case.record import CaseRecord
from guichet.contracts.case_commands import ReopenCase
from guichet.contracts.unannounced import Unannounced
from guichet.ids import EventId
from guichet.store.audit.trail import Act


async def reopen_case(
    visitor: Visitor,
    case: CaseRecord,
    *,
    sheet: Sheet,
    why: str,
    ports: DecisionPorts,
    unannounced: Unannounced | None = None,
) -> EventId:
    """Open a closed case again, the reason sealed under its key. Returns the command's id.

    unannounced: why the citizen is not written to about it.

    Raises TransientError, ErasedError when the case was erased meanwhile.
    """
    decision = ports.decide(visitor, case, "reopen", sheet, f"{unannounced or ''}\n{why}")
    reason = await seal_reason(case, decision, why, ports)
    command = ReopenCase(**decision.given(ports.clock()), reason=reason, unannounced=unannounced)
    return await issue(command, Act.REOPENED, ports)
