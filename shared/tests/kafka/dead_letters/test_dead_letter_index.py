from datetime import UTC, datetime
from typing import Any, Literal

import pytest
from aiokafka.structs import ConsumerRecord

from guichet.contracts.base import Sealed
from guichet.contracts.dead_letters import (
    DEAD_LETTER_EVENTS,
    DeadLetter,
    DeadLetterClosed,
    DeadLetterContent,
    letter_id_of,
)
from guichet.errors import PermanentError
from guichet.ids import AgentId, EventId
from guichet.kafka.dead_letters.index import DeadLetterIndex, IndexedLetter, IndexedLetters, apply, replay
from guichet.runtime.settings import KafkaSettings

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def a_letter(name: str = "d1", **more: Any) -> DeadLetter:
    place: dict[str, Any] = {"topic": "knocks", "partition": 0, "offset": 4, "group": "worker", **more}
    sealed = Sealed.model_validate({"key_id": "k", "box": "AAAA"})
    return DeadLetter(event_id=EventId(name), occurred_at=NOW, reason="bug", error="KeyError", record=sealed, **place)


def closing(name: str = "d1", act: Literal["replayed", "dropped"] = "replayed") -> DeadLetterClosed:
    return DeadLetterClosed(
        event_id=EventId(f"c-{name}"), occurred_at=NOW, dead_letter=EventId(name), act=act, by=AgentId("operator")
    )


def graves_after(*events: DeadLetter | DeadLetterClosed) -> IndexedLetters:
    letters: IndexedLetters = {}
    for offset, event in enumerate(events):
        apply(letters, event, offset)
    return letters


def test_a_dead_letter_is_open_until_somebody_decided() -> None:
    assert graves_after(a_letter())[EventId("d1")].is_open
    assert not graves_after(a_letter(), closing())[EventId("d1")].is_open


def test_buried_twice_it_is_one() -> None:
    assert len(graves_after(a_letter(), a_letter())) == 1


def test_buried_again_after_a_decision_it_is_open_again() -> None:
    assert graves_after(a_letter(), closing(), a_letter())[EventId("d1")].is_open


def test_a_decision_about_what_is_no_longer_there_is_ignored() -> None:
    assert graves_after(closing()) == {}


def found_on(*written: tuple[str, DeadLetter | DeadLetterClosed]) -> dict[EventId, IndexedLetter]:
    """What a index knows after these events, each with the topic whose `-dlq` it lies on."""
    index = DeadLetterIndex(KafkaSettings(), [])
    index._take_in(
        ConsumerRecord(f"{topic}-dlq", 0, offset, 0, 0, None, event.model_dump_json().encode(), None, 5, 0, ())
        for offset, (topic, event) in enumerate(written)
    )
    return index._letters


TRUE = a_letter(letter_id_of("worker", "knocks", 0, 4))
FORGED_PLACES = [{"topic": "letters"}, {"topic": "letters", "partition": None}]


def test_who_writes_on_one_dlq_decides_about_no_letter_of_another() -> None:
    letters = found_on(("knocks", TRUE), ("letters", closing(TRUE.event_id)))
    assert letters[TRUE.event_id].is_open


@pytest.mark.parametrize("place", FORGED_PLACES)
def test_who_writes_on_one_dlq_hides_no_letter_of_another(place: dict[str, Any]) -> None:
    forged = a_letter(TRUE.event_id, **place)
    for order in ([("knocks", TRUE), ("letters", forged)], [("letters", forged), ("knocks", TRUE)]):
        assert found_on(*order)[TRUE.event_id].letter == TRUE


def test_no_letter_is_believed_that_says_it_was_on_another_topic() -> None:
    assert found_on(("letters", a_letter())) == {}, "an operator who replays it writes where the forger may not"


@pytest.mark.parametrize("event", [a_letter(), closing()])
def test_what_is_written_can_be_read(event: DeadLetter | DeadLetterClosed) -> None:
    assert DEAD_LETTER_EVENTS.validate_json(event.model_dump_json()) == event


async def test_a_payload_that_never_was_a_record_cannot_be_replayed() -> None:
    letter = a_letter(partition=None, offset=None, group="ingest-sms")
    record = DeadLetterContent.model_construct(key=None, value=b"?", headers=(), error_text="")
    with pytest.raises(PermanentError, match="ingest-sms"):
        await replay(letter, record, producer=None, by=AgentId("operator"), at=datetime.now(UTC))  # type: ignore[arg-type]
