"""Cases whose agent has no right to them any more: what the router itself decides then. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

from case_router.domain.commands.rights import may_work_on
from guichet.case.record import CaseRecord
from guichet.contracts.base import Event
from guichet.ids import AgentId, CaseId, EventId, derive_id
from guichet.store.agents.rights import AgentRight


class EndAssignment(Event):
    """A case is taken from an agent who may not answer it any more. It is on no topic: no person decides it."""

    type: Literal["EndAssignment"] = "EndAssignment"
    case_id: CaseId
    agent: AgentId


def without_right(cases: Iterable[CaseRecord], rights: Sequence[AgentRight], at: datetime) -> list[EndAssignment]:
    """Return what is to be decided about an agent's cases. rights: the agent's.

    Two routers that look at once decide the same, once; whom a case is given again may lose it again.
    """
    return [_ended(case, at) for case in cases if not may_work_on(case, rights, at)]


def _ended(case: CaseRecord, at: datetime) -> EndAssignment:
    assert case.assigned_to is not None
    cause = EventId(derive_id("end-assignment", case.case_id, case.assigned_to, str(case.version)))
    return EndAssignment(event_id=cause, occurred_at=at, case_id=case.case_id, agent=case.assigned_to)
