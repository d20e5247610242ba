"""What is asked of MongoDB for lists by the days of the law's clocks: each case is looked at in their order. Pure."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from pymongo import ASCENDING, DESCENDING

from guichet.contracts.legal_facts import Day
from guichet.ids import AgentId, DepartmentId, ProcedureId, SectorId
from guichet.rights.scope import Scope
from guichet.store.cases.case_filter import OPEN_STATES, CaseFilter, DueList
from guichet.store.cases.list_indexes import ASSIGNED_TO, DECIDED_ON, DUE_ON, TAKEN_UP_BY

LOOKED_AT_IN_EACH: Final = dict.fromkeys(
    (
        *("state", "sector", "department", "procedure", "entered_by", "channel", "received_at", "erasing"),
        *(ASSIGNED_TO, TAKEN_UP_BY),
    ),
    1,
)
STILL_DUE: Final = frozenset({*(state.value for state in OPEN_STATES), "closed"})
"""Closing stops no clock of the law."""
DECIDED: Final = {DECIDED_ON: {"$gt": ""}}
"""What to ask for the cases where silence has decided."""


class SeenCase(NamedTuple):
    """What says whether a case is in a scope."""

    sector: SectorId
    department: DepartmentId
    procedure: ProcedureId | None
    entered_by: AgentId | None


def field_of(wanted: CaseFilter) -> str:
    """Return the day by which the list is in order."""
    return DECIDED_ON if wanted.due is DueList.DECIDED else DUE_ON


def index_of(wanted: CaseFilter) -> str:
    """Return the index that answers it."""
    return "by_decision" if wanted.due is DueList.DECIDED else "by_due_day"


def direction_of_days(wanted: CaseFilter) -> int:
    """Return whether later days come first."""
    return DESCENDING if wanted.due is DueList.DECIDED else ASCENDING


def due_questions(wanted: CaseFilter) -> list[dict[str, Any]]:
    """Return what to ask, one after the other: the rest of the day on which one stands, then the days behind it."""
    assert wanted.today is not None
    today = wanted.today.isoformat()
    days: Mapping[DueList | None, dict[str, str]] = {
        DueList.LATE: {"$gt": "", "$lt": today},
        DueList.AHEAD: {"$gte": today},
        DueList.DECIDED: DECIDED[DECIDED_ON],
    }
    field, asked = field_of(wanted), days[wanted.due]
    if wanted.after is None:
        return [{field: asked}]
    later = "$gt" if direction_of_days(wanted) == ASCENDING else "$lt"
    day = wanted.after.at.date().isoformat()
    return [{field: day, "_id": {later: wanted.after.case}}, {field: {**asked, later: day}}]


def until_today(today: Day) -> dict[str, Any]:
    """Return what to ask for what is late, and due today."""
    return {DUE_ON: {"$gt": "", "$lte": today.isoformat()}}


def is_seen(row: Mapping[str, Any], scope: Scope) -> bool:
    """Say whether a case is in the scope."""
    seen = SeenCase(row["sector"], row["department"], row.get("procedure"), row.get("entered_by"))
    return not row.get("erasing") and scope.covers(seen)


def fits_due(row: Mapping[str, Any], scope: Scope, wanted: CaseFilter) -> bool:
    """Say whether a case that was looked at is asked for, and in the scope."""
    pairs = (wanted.department, row["department"]), (wanted.channel, row.get("channel"))
    return (
        is_seen(row, scope)
        and row["state"] in wanted.states
        and all(asked is None or asked == has for asked, has in pairs)
        and (wanted.procedures is None or row.get("procedure") in wanted.procedures)
        and (not wanted.assigned_to or row.get(ASSIGNED_TO) in wanted.assigned_to)
        and (wanted.taken_up_by is None or wanted.taken_up_by in row.get(TAKEN_UP_BY, ()))
        and (wanted.received_from is None or wanted.received_from <= row["received_at"])
        and (wanted.received_before is None or row["received_at"] < wanted.received_before)
    )


def day_in(row: Mapping[str, Any], wanted: CaseFilter) -> str:
    """Return the day by which a case that was looked at has its place."""
    _, _, name = field_of(wanted).partition(".")
    day: str = row["due"][name]
    return day
