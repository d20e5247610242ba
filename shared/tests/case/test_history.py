"""What the history holds of each event: a class for every event, and the stored form as it has always been."""

from typing import Any, get_args

import bson
import pytest
from pydantic import TypeAdapter

from guichet.case import history
from guichet.contracts.case_events import AnyCaseEvent
from guichet.store.cases.history import as_document
from guichet_testing.builders.case import ARRIVED

EVENTS = get_args(get_args(AnyCaseEvent)[0])
SEALED = {"key_id": "key", "box": b"box"}
OF_EVERY_EVENT: dict[str, Any] = {
    "event_id": "e",
    "occurred_at": ARRIVED,
    "case_id": "case",
    "reference": "2026-AAAA-AAA",
}
OF_EVERY_EVENT |= {"version": 3, "caused_by": "cause", "sector": "social", "department": "ccas", "citizen": "theirs"}
MESSAGE: dict[str, Any] = {"message_id": "m", "channel": "email", "received_at": ARRIVED, "account": "a"}
ROUTING = {"rule": "r", "kind": "keyword"}
OWN: dict[str, dict[str, Any]] = {
    "CaseOpened": {**MESSAGE, "routing": ROUTING},
    "MessageFiled": MESSAGE,
    "CaseRerouted": {"from_sector": "s", "from_department": "voirie", "by": "lea", "reason": SEALED},
    "CaseAssigned": {"from_agent": "max", "to": "ida", "by": "lea", "reason": SEALED},
    "NoteAdded": {"note_id": "n", "by": "lea"},
    "CaseSnoozed": {"until": ARRIVED, "by": "lea"},
    "ReplyRequested": {"outbound_id": "o", "answers": "m", "by": "lea"},
    "CaseMoved": {"from_state": "received", "to_state": "in_progress"},
    "CaseClosed": {"by": "lea"},
    "CaseReopened": {"by": "lea", "reason": SEALED},
    "FactStated": {"by": "lea", "fact": {"event": "qualified", "at": ARRIVED, "nature": "request"}, "reason": SEALED},
    "WorkflowBegun": {
        "workflow": {"procedure": "p", "version": "v", "steps": [{"name": "one", "label": "One"}]},
        "step": "one",
    },
    "TaskMarked": {"by": "lea", "task": "look", "is_done": True},
    "StepReached": {"from_step": "one", "step": "two"},
    "ReceiptOwed": {
        **{"answers": "m", "received_on": "2026-05-01", "is_full": True},
        "silence": {"means": "rejects", "decides_on": "2026-07-01"},
    },
    "ClockReached": {"clock": "are", "stage": "late", "due": "2026-05-19"},
    "SenderConfirmed": {"by": "lea"},
    "AbuseDeclared": {"by": "lea", "ground": "security", "until": ARRIVED, "reason": SEALED},
    "AbuseLifted": {"by": "lea"},
    "LinkRenewed": {"answers": "m"},
    "CommandRefused": {"command_id": "cause", "by": "lea", "why": "case-moved", "reason": SEALED},
    "DeliveryRecorded": {"outbound_id": "o", "state": "sent"},
    "DeliverySettled": {"outbound_id": "o", "by": "lea", "settlement": "received"},
    "CaseDestroyed": {"from_state": "closed"},
}
REASON = {"reason": SEALED, "reason_field": "cause"}
STORED: dict[str, dict[str, Any]] = {  # beside _id, case_id, version, type, at and cause, in this order
    "CaseOpened": {"message_id": "m", "department": "ccas", "had_by": "ccas", "state": "received"},
    "MessageFiled": {"message_id": "m"},
    "CaseRerouted": {"by": "lea", "department": "ccas", "from_department": "voirie", **REASON},
    "CaseAssigned": {"by": "lea", "to_agent": "ida", "from_agent": "max", **REASON},
    "NoteAdded": {"by": "lea", "note_id": "n"},
    "CaseSnoozed": {"by": "lea", "until": ARRIVED},
    "ReplyRequested": {"by": "lea", "message_id": "o", "had_by": "ccas"},
    "CaseMoved": {"state": "in_progress"},
    "CaseClosed": {"by": "lea", "had_by": "ccas", "state": "closed"},
    "CaseReopened": {"by": "lea", **REASON},
    "FactStated": {"by": "lea", **REASON, "state": "qualified", "code": "request"},
    "WorkflowBegun": {"state": "one", "code": "v"},
    "TaskMarked": {"by": "lea", "state": "done", "code": "look"},
    "StepReached": {"state": "two", "code": "one"},
    "ReceiptOwed": {"message_id": "m", "state": "rejects", "code": "full", "due": "2026-07-01"},
    "ClockReached": {"state": "are", "code": "late", "due": "2026-05-19"},
    "SenderConfirmed": {"by": "lea"},
    "AbuseDeclared": {"by": "lea", **REASON, "state": "security"},
    "AbuseLifted": {"by": "lea"},
    "LinkRenewed": {},
    "CommandRefused": {"by": "lea", **REASON, "state": "case-moved"},
    "DeliveryRecorded": {"message_id": "o", "state": "sent"},
    "DeliverySettled": {"by": "lea", "message_id": "o", "state": "received"},
    "CaseDestroyed": {},
}


def event_of(name: str) -> Any:
    return TypeAdapter(AnyCaseEvent).validate_python({"type": name, **OF_EVERY_EVENT, **OWN[name]})


def test_every_event_has_an_entry_of_its_own() -> None:
    assert {*history.ENTRIES} == {*EVENTS}
    assert len({*history.ENTRIES.values()}) == len(EVENTS)
    assert {*STORED} == {kind.__name__ for kind in EVENTS}


@pytest.mark.parametrize("name", STORED)
def test_an_entry_is_stored_in_the_same_fields_and_order_as_ever(name: str) -> None:
    entry = history.of(event_of(name))
    common = {"_id": "case.3", "case_id": "case", "version": 3, "type": name, "at": ARRIVED, "cause": "cause"}
    assert [*as_document(entry).items()] == [*(common | STORED[name]).items()]
    assert bson.encode(as_document(entry)), "MongoDB takes it"
    plain = [value for value in as_document(entry).values() if isinstance(value, str)]
    assert {type(value) for value in plain} == {str}, "an enumeration's member is not what the database holds"


@pytest.mark.parametrize("name", STORED)
def test_what_is_stored_is_read_again(name: str) -> None:
    entry = history.of(event_of(name))
    read = history.HistoryEntry.model_validate(as_document(entry))
    assert read.model_dump() == entry.model_dump()


def test_why_a_message_failed_is_kept_and_takes_no_room_where_it_did_not() -> None:
    event = event_of("DeliveryRecorded")
    assert "code" not in as_document(history.of(event))
    failed = event.model_copy(update={"state": "failed", "reason": "unsubscribed"})
    assert as_document(history.of(failed))["code"] == "unsubscribed"
