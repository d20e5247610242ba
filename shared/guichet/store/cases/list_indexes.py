"""The indexes of the desk's lists of cases: each in the order of a list, for each value of a field and each state."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from pymongo import ASCENDING, DESCENDING, IndexModel

TAKEN_UP_BY: Final = "taken_up_by"
ASSIGNED_TO: Final = "assigned_to"
SNOOZED_UNTIL: Final = "snoozed_until"
AT_REST: Final = "at_rest"
UNSENT: Final = {"unsent.0": {"$exists": True}}
BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
SNOOZED: Final = {SNOOZED_UNTIL: {"$gt": BEGINNING}}
CALL_BACK_AT: Final = "call_back_at"
TO_CALL: Final = {CALL_BACK_AT: {"$gt": BEGINNING}}
NAMED: Final = {"$gt": ""}
DUE_ON: Final = "due.due_on"
DECIDED_ON: Final = "due.decided_on"
_QUEUE: Final = (("sector", ASCENDING), ("department", ASCENDING), ("state", ASCENDING))
_NEWEST_FIRST: Final = (("received_at", DESCENDING), ("_id", DESCENDING))
# In the order of a list, for each value of a field and each state. Where else a case must be seen comes last, so that
# it multiplies no lists: MongoDB merges 200, and sorts in memory past that.
_IN_ORDER: Final = (("state", ASCENDING), *_NEWEST_FIRST, ("sector", ASCENDING), ("erasing", ASCENDING))
# The same for what happened last, of cases that are not closed: what happens in a case costs a key moved in each index
# that lists it, and long are the lists of closed ones.
_BY_ACTIVITY: Final = (
    *(("state", ASCENDING), ("updated_at", DESCENDING), ("_id", DESCENDING), ("sector", ASCENDING)),
    ("erasing", ASCENDING),
)
NOT_CLOSED: Final = {"closed_at": None}


def _by_receipt(field: str, name: str, only: Mapping[str, Any] | None = None) -> IndexModel:
    """Return the index of a list by receipt. only: of which cases it is; of all of them, without."""
    partly = {} if only is None else {"partialFilterExpression": only}
    return IndexModel([(field, ASCENDING), *_IN_ORDER, *_end_of(field)], name=f"queue_{name}", **partly)


def _by_activity(field: str, name: str, only: Mapping[str, Any] | None = None) -> IndexModel:
    """Return the index of a list by what happened last, of cases that are not closed. only: as above."""
    partly = {**NOT_CLOSED, **(only or {})}
    return IndexModel(
        [(field, ASCENDING), *_BY_ACTIVITY, *_end_of(field)], name=f"active_{name}", partialFilterExpression=partly
    )


def _end_of(field: str) -> Sequence[tuple[str, int]]:
    return () if field == "department" else (("department", ASCENDING),)


def _ordered(field: str, name: str, only: Mapping[str, Any] | None = None) -> tuple[IndexModel, IndexModel]:
    return _by_receipt(field, name, only), _by_activity(field, name, only)


LISTS: Final = [
    # The first knows which sectors there are, too. `erasing` is in them so that counting looks at no document.
    IndexModel([*_QUEUE, *_NEWEST_FIRST, ("erasing", ASCENDING)], name="in_queue"),
    *_ordered("department", "of_departments"),
    # Of what some agents acted in, and for grants of some procedures and of what some agents took down. Most cases have
    # none of it, and lie in none of these: each key of a case costs something at each of its messages.
    *_ordered(TAKEN_UP_BY, "of_actor", {TAKEN_UP_BY: NAMED}),
    *_ordered("procedure", "of_procedure", {"procedure": NAMED}),
    *_ordered("entered_by", "of_entry", {"entered_by": NAMED}),
    # Of agents' work: each is as short as what it lists.
    *_ordered(ASSIGNED_TO, "of_assignee", {ASSIGNED_TO: NAMED}),
    *_ordered("department", "of_snoozed", SNOOZED),
    *_ordered("department", "of_unsent", UNSENT),
    *_ordered("department", "of_calls", TO_CALL),
    # Each new case is nobody's and waits for a word of ours. By receipt it is looked for among all of its department's.
    _by_activity("department", "of_nobody", {ASSIGNED_TO: None}),
    _by_activity("department", "to_answer", {AT_REST: None}),
    # Of days of the law's clocks, whosever the cases are: one for each department would be a key more of each case.
    IndexModel([(DUE_ON, ASCENDING), ("_id", ASCENDING)], name="by_due_day", partialFilterExpression={DUE_ON: NAMED}),
    IndexModel(
        [(DECIDED_ON, ASCENDING), ("_id", ASCENDING)], name="by_decision", partialFilterExpression={DECIDED_ON: NAMED}
    ),
    IndexModel([("citizen", ASCENDING), ("received_at", DESCENDING)], name="by_citizen"),
]
