from typing import Any

import pytest
from aiokafka.structs import ConsumerRecord
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from guichet.contracts.case_commands import CloseCase
from guichet.contracts.dead_letters import DeadLetterContent
from guichet.contracts.topics import CASE_COMMANDS
from guichet.errors import ForgedError
from guichet.ids import AgentId, CaseId, EventId
from guichet.kafka.records import ONLY_GROUP, RawRecord, take
from guichet.privacy.signing.records import KEY_HEADER, SIGNATURE_HEADER
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.records import a_knock, a_topic
from guichet_testing.builders.signers import a_signer, a_verifier

TOPIC = a_topic("worker", "other-worker")


def a_record(value: bytes | None, *headers: tuple[str, bytes]) -> ConsumerRecord:
    return ConsumerRecord(TOPIC.name, 0, 7, 0, 0, b"front", value, None, 5, 0, headers)


def test_a_record_becomes_its_event() -> None:
    knock = a_knock("k1")
    record = take(a_record(knock.model_dump_json().encode()), TOPIC, "worker")
    assert record.received.event == knock
    assert (record.received.topic, record.received.offset, record.received.key) == (TOPIC.name, 7, "front")


@given(st.binary() | st.none())
def test_any_bytes_are_taken_and_never_raise(value: bytes | None) -> None:
    record = take(a_record(value), TOPIC, "worker")
    assert (record.event is None) == (record.refused is not None)


@pytest.mark.parametrize("name", [KEY_HEADER, SIGNATURE_HEADER, ONLY_GROUP, "traceparent"])
def test_a_header_without_a_value_stops_no_reader_and_signs_nothing(name: str) -> None:
    headers = {**dict(DESK.sign(CASE_COMMANDS.name, CASE.encode(), b"{}").headers), name: None}
    record = a_command(b"{}", tuple(headers.items()))  # type: ignore[arg-type]  # as Kafka allows it
    assert record.event is None
    content = DeadLetterContent.model_construct(
        key=record.key, value=record.value, headers=record.headers, error_text=""
    )
    assert DeadLetterContent.model_validate_json(content.model_dump_json()).value == b"{}"


def test_a_replay_is_for_its_group_alone() -> None:
    value = a_knock("k1").model_dump_json().encode()
    replayed = a_record(value, (ONLY_GROUP, b"worker"))
    assert take(replayed, TOPIC, "worker").event is not None
    other = take(replayed, TOPIC, "other-worker")
    assert other.event is None
    assert other.refused is None  # passed over, not dead-lettered


def test_what_a_group_does_not_admit_is_refused_with_its_reason_and_no_handler_sees_it() -> None:
    asked = []

    def admit(event: Any, topic: Any, signer: str | None) -> None:
        asked.append((event, topic, signer))
        raise ForgedError("not here", reason="wrong-topic")

    knock = a_knock("k1")
    record = a_record(knock.model_dump_json().encode())
    refused = take(record, TOPIC, "worker", admit=admit)
    assert (refused.event, isinstance(refused.refused, ForgedError)) == (None, True)
    assert asked == [(knock, TOPIC, None)]
    others = a_record(record.value, (ONLY_GROUP, b"other-worker"))
    assert take(others, TOPIC, "worker", admit=admit).refused is None  # passed over, not asked


def test_nothing_personal_shows_in_a_repr() -> None:
    record = take(a_record(b'{"note": "Madame Dupont"}'), TOPIC, "worker")
    assert "Dupont" not in repr(record)
    assert "Dupont" not in str(record.refused)  # hide_input_in_errors


CASE, DESK = "case-1", a_signer("agent-desk")
COMMAND = CloseCase(event_id=EventId("c1"), occurred_at=ARRIVED, case_id=CaseId(CASE), issued_by=AgentId("agent-12"))


def a_command(value: bytes, headers: tuple[tuple[str, bytes], ...], key: bytes | None = CASE.encode()) -> RawRecord:
    record = ConsumerRecord(CASE_COMMANDS.name, 0, 7, 0, 0, key, value, None, 5, 0, headers)
    return take(record, CASE_COMMANDS, "case-router", a_verifier())


def test_a_signed_command_is_taken_and_can_be_verified_again() -> None:
    value = COMMAND.model_dump_json().encode()
    record = a_command(value, DESK.sign(CASE_COMMANDS.name, CASE.encode(), value).headers)
    assert record.received.event == COMMAND
    assert record.received.signed is not None
    assert a_verifier().verify(record.received.signed, CASE_COMMANDS).producer == "agent-desk"


def test_an_unsigned_command_is_no_event_whatever_its_bytes_say() -> None:
    for value in (COMMAND.model_dump_json().encode(), b"?"):
        record = a_command(value, ())
        assert record.event is None
        assert isinstance(record.refused, ForgedError)
        assert record.refused.reason == "unsigned"


def test_a_signed_record_that_is_no_command_is_unreadable() -> None:
    assert isinstance(
        a_command(b"?", DESK.sign(CASE_COMMANDS.name, CASE.encode(), b"?").headers).refused, ValidationError
    )


def test_a_door_cannot_lay_a_command_under_another_cases_key() -> None:
    value = COMMAND.model_dump_json().encode()
    record = a_command(value, DESK.sign(CASE_COMMANDS.name, b"case-2", value).headers, key=b"case-2")
    assert isinstance(record.refused, ForgedError)
