"""How large a dead letter gets; an adapter past its ceiling of them: it refuses, says so, and stops saying so."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from guichet.clock import SystemClock
from guichet.contracts.dead_letters import DeadLetter
from guichet.errors import TransientError
from guichet.kafka.dead_letters.ceiling import CeilingReachedError
from guichet.kafka.dead_letters.publish import Cause, DeadLetters, cause_of
from guichet.kafka.produce.producer import Record
from guichet.kafka.sizes import dead_letter_limit
from guichet.runtime.settings import KafkaSettings
from guichet.runtime.telemetry.alarms import Alarm
from guichet.runtime.telemetry.metrics import ALARM
from guichet_testing.builders.inbound import a_message
from guichet_testing.builders.records import a_raw_record, a_topic
from guichet_testing.twins.vault import InMemoryVault
from guichet_testing.until import until


class Silent:
    """Stands for the producer: confirms everything, and remembers it."""

    def __init__(self) -> None:
        self.sent: list[Record] = []

    async def send(self, records: Sequence[Record]) -> None:
        self.sent += records

    async def stop(self) -> None: ...


def alarm_of(service: str) -> float:
    return ALARM.labels(Alarm.DEAD_LETTER_CEILING.value, service)._value.get()


async def test_past_the_ceiling_an_adapter_alarms_until_its_sources_let_it_be() -> None:
    kafka, topic = KafkaSettings(dead_letters_per_minute=1), a_topic()
    letters = DeadLetters(
        kafka, InMemoryVault(), service="ingest-flood", calm_after=timedelta(seconds=0.05), now=SystemClock().now
    )
    letters._producer = Silent()  # type: ignore[assignment]
    await letters.publish_payload(topic, b"?", ValueError())
    assert alarm_of("ingest-flood") == 0
    with pytest.raises(TransientError, match="too many"):
        await letters.publish_payload(topic, b"?", ValueError())
    assert alarm_of("ingest-flood") == 1
    await until(lambda: alarm_of("ingest-flood") == 0)
    await letters.stop()


async def test_the_alarm_of_each_topic_ends_by_itself_whatever_the_others_do() -> None:
    letters = DeadLetters(
        KafkaSettings(dead_letters_per_minute=1),
        InMemoryVault(),
        service="worker",
        calm_after=timedelta(seconds=0.05),
        now=SystemClock().now,
    )
    letters._producer = Silent()  # type: ignore[assignment]
    letters.stop_for_none_of(["floods", "rains"])
    for topic in ("floods", "rains"):
        for offset in range(2):
            await letters.publish(a_raw_record(offset, topic=topic), "calm", Cause("unreadable"))
    assert [alarm_of("calm:floods"), alarm_of("calm:rains")] == [1, 1]
    await until(lambda: [alarm_of("calm:floods"), alarm_of("calm:rains")] == [0, 0])
    await letters.stop()


async def test_each_topic_has_a_ceiling_of_its_own() -> None:
    letters = DeadLetters(
        KafkaSettings(dead_letters_per_minute=1), InMemoryVault(), service="worker", now=SystemClock().now
    )
    letters._producer = Silent()  # type: ignore[assignment]
    await letters.publish(a_raw_record(1, topic="knocks"), "worker", Cause("bug"))
    with pytest.raises(CeilingReachedError, match=r"1 dead letters of knocks.*guichet dead-letters list"):
        await letters.publish(a_raw_record(2, topic="knocks"), "worker", Cause("bug"))
    await letters.publish(a_raw_record(2, topic="rings"), "worker", Cause("bug"))
    await letters.publish(a_raw_record(2, topic="knocks"), "another", Cause("bug"))


@pytest.mark.parametrize("word", ["a", "é", "\N{PILE OF POO}", "\x01"])
async def test_no_error_makes_a_dead_letter_larger_than_its_topic_takes(word: str) -> None:
    topic, producer, vault = a_topic(max_bytes=100_000), Silent(), InMemoryVault()
    letters = DeadLetters(KafkaSettings(), vault, service="worker", now=SystemClock().now)
    letters._producer = producer  # type: ignore[assignment]
    try:
        raise ValueError(f"the whole record: {word * 1_000_000} is not what we hoped for")
    except ValueError as error:
        record = a_raw_record(1, topic=topic.name, value=b"x" * topic.max_bytes)
        await letters.publish(record, "worker", cause_of(error))
    [record] = producer.sent
    assert len(record.value) <= dead_letter_limit(topic)


LONG_IDS = a_message("m").model_copy(update={"event_id": "e" * 40_000, "message_id": "m" * 40_000})


@pytest.mark.parametrize(
    "told",
    [
        {"headers": (("a", b""),) * 30_000, "value": b"x"},
        {"headers": (("\x01" * 90_000, b""),), "value": b"x"},
        {"event": LONG_IDS, "value": b"x" * 90_000},
    ],
    ids=["many headers", "an odd header", "long ids"],
)
async def test_no_record_makes_a_dead_letter_larger_than_its_topic_takes(told: dict[str, Any]) -> None:
    """A third party's host writes what it likes: the reader could neither put it aside nor go on."""
    topic, producer = a_topic(max_bytes=100_000), Silent()
    letters = DeadLetters(KafkaSettings(), InMemoryVault(), service="worker", now=SystemClock().now)
    letters._producer = producer  # type: ignore[assignment]
    await letters.publish(replace(a_raw_record(1, topic=topic.name), **told), "worker", Cause("bug"))
    [record] = producer.sent
    assert len(record.value) <= dead_letter_limit(topic)
    letter = DeadLetter.model_validate_json(record.value)
    assert len(letter.about or "") + len(letter.message_id or "") < 100


def test_a_long_error_is_cut_in_the_middle_and_says_so() -> None:
    said = Cause("bug", ValueError("0123456789" * 100_000 + " the end")).error_text
    assert len(said) < 9_000
    assert said.startswith("ValueError: 0123456789")
    assert said.endswith("89 the end\n")
    assert " characters left out …" in said


def test_a_short_error_is_whole() -> None:
    assert Cause("bug", ValueError("no such door")).error_text == "ValueError: no such door\n"
