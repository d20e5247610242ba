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
    return await issue(snooze_command(visitor, case, sheet=sheet, until=until, ports=ports), Act.SNOOZED, ports)


def snooze_command(
    visitor: Visitor, case: CaseRecord, *, sheet: Sheet, until: datetime | None, ports: DecisionPorts
) -> SnoozeCase:
    """Return the command that does it."""
    decision = ports.decide(visitor, case, "snooze", sheet, until.isoformat() if until else "")
    return SnoozeCase(**decision.given(ports.clock()), until=until)
