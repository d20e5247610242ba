"""An agent puts a case off until a day, or takes it up again."""

from datetime import datetime

from agent_desk.domain.decisions.decision import Sheet
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.cases.decide import DecisionPorts, issue
from guichet.case.record import CaseRecord
from guichet.contracts.case_commands import SnoozeCase
from guichet.ids import EventId
from guichet.store.audit.trail import Act


async def snooze_case(
    visitor: Visitor, case: CaseRecord, *, sheet: Sheet, until: datetime | None, ports: DecisionPorts
) -> EventId:
    """Put a case off; until: None, take it up again. Returns the command's id. Raises TransientError."""
    decision = ports.decide(visitor, case, "snooze", sheet, until.isoformat() if until else "")
    return await issue(SnoozeCase(**decision.given(ports.clock()), until=until), Act.SNOOZED, ports)
