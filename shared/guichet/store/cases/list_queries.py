"""What is asked of MongoDB for a list of cases. Pure; which index answers it stands in list_indexes.py."""

from collections.abc import Mapping
from datetime import datetime
from itertools import product
from typing import Any, Final

from pymongo import ASCENDING, DESCENDING

from guichet.rights.scope import Grant, Scope
from guichet.store.cases.case_filter import OURS_TO_ANSWER, CaseFilter, Order
from guichet.store.cases.list_indexes import ASSIGNED_TO, AT_REST, NOT_CLOSED, SNOOZED, TAKEN_UP_BY, TO_CALL, UNSENT

NOT_ERASED: dict[str, Any] = {"erasing": {"$ne": True}}  # a case under erasure, or destroyed, is seen by nobody
_NOTHING: Final = Grant(frozenset(), frozenset())


def asked_of(wanted: CaseFilter) -> dict[str, Any]:
    """Return what a list asks of cases, without what narrows its scope (`narrowed`) or is looked at in each."""
    asked: dict[str, Any] = {"state": {"$in": [state.value for state in wanted.states]}}
    if wanted.taken_up_by is not None:
        asked[TAKEN_UP_BY] = wanted.taken_up_by
    if wanted.assigned_to:
        asked[ASSIGNED_TO] = {"$in": [*wanted.assigned_to]}
    if wanted.unassigned:
        asked[ASSIGNED_TO] = None
    if wanted.snoozed:
        asked |= SNOOZED
    if wanted.to_call:
        asked |= TO_CALL
    if wanted.unsent:
        asked |= UNSENT
    if wanted.to_answer:
        asked |= {AT_REST: None, "state": {"$in": [state.value for state in OURS_TO_ANSWER]}}
    if received := _received(wanted):
        asked["received_at"] = received
    return asked


def _received(wanted: CaseFilter) -> dict[str, datetime]:
    """Return the times of receipt. Where one goes on from a place, that bounds them closer."""
    ends = {"$gte": wanted.received_from, "$lt": wanted.received_before}
    if wanted.onwards is not None:
        ends[_onwards(wanted)] = wanted.onwards
    return {bound: at for bound, at in ends.items() if at is not None}


def _onwards(wanted: CaseFilter) -> str:
    return "$lte" if direction_of(wanted) == DESCENDING else "$gte"


def direction_of(wanted: CaseFilter) -> int:
    """Return whether a list's later moments come first."""
    return ASCENDING if wanted.order is Order.WAITING_LONGEST else DESCENDING


def moment_of(wanted: CaseFilter) -> str:
    """Return the field by which a list is in order."""
    return "updated_at" if wanted.is_by_activity else "received_at"


def seen_by(scope: Scope, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is asked for, within each grant of the scope.

    Each grant repeats it all, since MongoDB merges what it finds for each in the order of a list only where each is
    whole. A scope without grants asks for no department's.
    """
    granted = [{**_granted(grant), **asked, **NOT_ERASED} for grant in scope.widest or (_NOTHING,)]
    return granted[0] if len(granted) == 1 else {"$or": granted}


def narrowed(scope: Scope, wanted: CaseFilter) -> Scope:
    """Return the scope of a list that an index answers."""
    within = scope.within(wanted.department)
    return within if wanted.procedures is None else within.of_procedures(frozenset(wanted.procedures))


def active_by_grant(scope: Scope, wanted: CaseFilter) -> list[tuple[dict[str, Any], str]]:
    """Return what to ask for each grant where a list is by activity, and the index that answers it.

    One by one, and by name: MongoDB tries ten ways at most to answer all grants at once, and there are many indexes.
    """
    asked = {**asked_of(wanted), **NOT_CLOSED, **NOT_ERASED}
    grants = narrowed(scope, wanted).widest or (_NOTHING,)
    return [({**_granted(grant), **asked}, f"active_{_list_of(grant, wanted)}") for grant in grants]


def scanned_by_grant(scope: Scope, wanted: CaseFilter) -> list[tuple[dict[str, Any], str]]:
    """Return the same for a list of which each case is looked at (`fits`): what the index of that name answers alone.

    So many keys are looked at as cases are returned, whatever they are.
    """
    listed = wanted.looked_through
    asked = {**asked_of(listed), **NOT_ERASED}
    if wanted.is_by_activity:
        asked |= NOT_CLOSED
    kind = "active" if wanted.is_by_activity else "queue"
    grants = scope.within(None if wanted.is_anybodys_own else wanted.department).widest or (_NOTHING,)
    return [
        ({**_granted(grant), **asked, **behind}, f"{kind}_{_list_of(grant, listed)}")
        for grant, behind in product(grants, _behind(wanted, asked))
    ]


def _behind(wanted: CaseFilter, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what is behind the place from which one goes on: at other moments, and at that one.

    Two questions, since MongoDB sorts in memory what it finds for an `$or`; and what is of one moment (`order_of`).
    """
    if wanted.after is None:
        return [{}]
    moment, later = moment_of(wanted), "$lt" if direction_of(wanted) == DESCENDING else "$gt"
    elsewhere = {moment: {**asked.get(moment, {}), later: wanted.after.at}}
    return [elsewhere, {moment: wanted.after.at, "_id": {later: wanted.after.case}}]


def order_of(query: Mapping[str, Any], wanted: CaseFilter) -> list[tuple[str, int]]:
    """Return the order in which one of these questions is answered. What is of one moment: in none, being few."""
    moment, direction = moment_of(wanted), direction_of(wanted)
    return [] if isinstance(query.get(moment), datetime) else [(moment, direction), ("_id", direction)]


LOOKED_AT: Final = dict.fromkeys(("department", "procedure", "channel", ASSIGNED_TO, AT_REST), 1)  # by `fits`


def fits(case: Mapping[str, Any], wanted: CaseFilter) -> bool:
    """Say whether a case is asked for, of those that an index returned."""
    asked = {"department": wanted.department, "channel": wanted.channel}
    return all(
        (
            wanted.procedures is None or case.get("procedure") in wanted.procedures,
            not wanted.unassigned or case.get(ASSIGNED_TO) is None,
            not wanted.to_answer or case.get(AT_REST) is None,
            *(value is None or case.get(name) == value for name, value in asked.items()),
        )
    )


def named(scope: Scope, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is asked of cases that are named: few, so that what is granted is looked at in each of them."""
    granted = [_granted(grant) for grant in scope.widest or (_NOTHING,)]
    limited = granted[0] if len(granted) == 1 else {"$or": granted}
    return {**wanted, **limited, **NOT_ERASED}


def _list_of(grant: Grant, wanted: CaseFilter) -> str:
    """Return the list in which the fewest cases lie that are not asked for."""
    lists = {
        "of_assignee": bool(wanted.assigned_to),
        "of_entry": grant.entered_by is not None,
        "of_procedure": grant.procedures is not None,
        "of_unsent": wanted.unsent,
        "of_calls": wanted.to_call,
        "of_snoozed": wanted.snoozed,
        "of_actor": wanted.taken_up_by is not None,
        "of_nobody": wanted.unassigned,
        "to_answer": wanted.to_answer,
    }
    return next((name for name, fits_it in lists.items() if fits_it), "of_departments")


def _granted(grant: Grant) -> dict[str, Any]:
    condition: dict[str, Any] = {
        "department": {"$in": sorted(grant.departments)},
        "sector": {"$in": sorted(grant.sectors)},
    }
    if grant.procedures is not None:
        condition["procedure"] = {"$in": sorted(grant.procedures)}
    if grant.entered_by is not None:
        condition["entered_by"] = {"$in": sorted(grant.entered_by)}
    return condition
