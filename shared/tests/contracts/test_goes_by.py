"""What names another address than the one that wrote is read by nobody who would send it back to who wrote."""

import json

import pytest

from guichet.contracts.case_commands import SendReply
from guichet.contracts.case_events import ReplyRequested

HEAD = {"event_id": "e", "occurred_at": "2026-04-30T23:30:00Z", "case_id": "c", "outbound_id": "o"}
OF_CASE = {"reference": "r", "version": 1, "caused_by": "x", "sector": "s", "department": "d", "citizen": None}


@pytest.mark.parametrize(
    ("event", "fields"),
    [(SendReply, {"issued_by": "agent"}), (ReplyRequested, {"by": "agent", **OF_CASE})],
    ids=["command", "event"],
)
@pytest.mark.parametrize("goes_by", [None, "email"])
def test_a_record_is_of_version_2_where_its_recipient_was_chosen_and_else_of_one_that_all_read(event, fields, goes_by):
    expected = 1 if goes_by is None else 2
    said = event(**HEAD, **fields, goes_by=goes_by)
    assert said.schema_version == expected
    of_before = {**json.loads(said.model_dump_json()), "schema_version": 1}
    assert event.model_validate_json(json.dumps(of_before)).schema_version == expected
