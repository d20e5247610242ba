from aiokafka.structs import ConsumerRecord
from hypothesis import given
from hypothesis import strategies as st

from guichet.kafka.records import ONLY_GROUP, take
from guichet.testing.kafka import a_knock, a_topic

TOPIC = a_topic("porter", "neighbour")


def a_record(value: bytes | None, *headers: tuple[str, bytes]) -> ConsumerRecord:
    return ConsumerRecord(TOPIC.name, 0, 7, 0, 0, b"front", value, None, 5, 0, headers)


def test_a_record_becomes_its_event() -> None:
    knock = a_knock("k1")
    taken = take(a_record(knock.model_dump_json().encode()), TOPIC, "porter")
    assert taken.received.event == knock
    assert (taken.received.topic, taken.received.offset, taken.received.key) == (TOPIC.name, 7, "front")


@given(st.binary() | st.none())
def test_any_bytes_are_taken_and_never_raise(value: bytes | None) -> None:
    taken = take(a_record(value), TOPIC, "porter")
    assert (taken.event is None) == (taken.unreadable is not None)


def test_a_replay_is_for_its_group_alone() -> None:
    value = a_knock("k1").model_dump_json().encode()
    replayed = a_record(value, (ONLY_GROUP, b"porter"))
    assert take(replayed, TOPIC, "porter").event is not None
    neighbour = take(replayed, TOPIC, "neighbour")
    assert neighbour.event is None
    assert neighbour.unreadable is None  # passed over, not buried


def test_nothing_personal_shows_in_a_repr() -> None:
    taken = take(a_record(b'{"note": "Madame Dupont"}'), TOPIC, "porter")
    assert "Dupont" not in repr(taken)
    assert "Dupont" not in str(taken.unreadable)  # hide_input_in_errors
