"""Why one of many cases is left out, before anything is given and again when it would be. Pure."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from agent_desk.domain.decisions.closing_guards import closing_guards
from guichet.case.record import CaseRecord
from guichet.ids import AgentId, DepartmentId
from guichet.rights.case_acts import CaseAct
from guichet.rights.scope import Scope
from guichet.store.bulk.acts import BulkKind
from guichet.store.cases.case_filter import OPEN_STATES
from guichet.town.town import Town

NEEDS: Final = {
    BulkKind.ASSIGN: (CaseAct.ANSWER,),
    BulkKind.CLOSE: (CaseAct.CLOSE,),
    BulkKind.REROUTE: (CaseAct.REROUTE,),
    BulkKind.REPLY: (CaseAct.ANSWER, CaseAct.SIGN),
    BulkKind.REPLY_AND_CLOSE: (CaseAct.ANSWER, CaseAct.SIGN, CaseAct.CLOSE),
}
"""As the single forms ask."""


def why_not(kind: BulkKind, case: CaseRecord, scope: Scope, town: Town) -> str | None:
    """Return why nothing of this kind may be done with a case that one sees; None where it may."""
    if not all(scope.may(act, case) for act in NEEDS[kind]):
        return "not-allowed"
    if kind.answers and town.wants_four_eyes(case.department):
        return "four-eyes"
    return None if case.state in OPEN_STATES else "case-closed"


def unsaid_guards(kind: BulkKind, case: CaseRecord, town: Town, at: datetime) -> tuple[str, ...]:
    """Return why a case is not closed without a word from who closes it (closing_guards); none where it stays open.

    at: now, aware.
    """
    if kind in {BulkKind.CLOSE, BulkKind.REPLY_AND_CLOSE}:
        return closing_guards(case, town, at, is_answered=kind.answers)
    return ()


def why_not_to(case: CaseRecord, to: AgentId | None, able: Collection[AgentId]) -> str | None:
    """Return why a case does not become an agent's work. to: None: nobody's. able: who may answer it."""
    if case.assigned_to == to:
        return "same-agent"
    return "agent-without-right" if to is not None and to not in able else None


def why_not_there(case: CaseRecord, department: DepartmentId) -> str | None:
    """Return why a case does not go to a department."""
    return "same-department" if case.department == department else None
