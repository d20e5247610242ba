from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiokafka.structs import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from guichet.clock import SystemClock
from guichet.contracts.dead_letters import DeadLetter, DeadLetterClosed
from guichet.contracts.topics import KEPT_DECIDED
from guichet.errors import PermanentError
from guichet.ids import AgentId
from guichet.kafka.admin.offsets import Lag, Offsets
from guichet.kafka.admin.topics import create_topics
from guichet.kafka.dead_letters.index import DeadLetterIndex, IndexedLetter, close, operators_producer, without_record
from guichet.kafka.dead_letters.publish import DeadLetters
from guichet.kafka.produce.producer import Record
from guichet.kafka.trim import plan_dead_letter_trim, plan_trim, trim_dead_letters
from guichet.runtime.settings import KafkaSettings
from guichet_testing.builders.records import a_topic
from guichet_testing.twins.vault import InMemoryVault


def group_at(committed: int | None, begin: int = 0, end: int = 100) -> Lag:
    return Lag("worker", "knocks", 0, committed, begin, end)


def test_what_every_group_has_handled_and_what_is_old_goes() -> None:
    assert plan_trim([group_at(40), group_at(60)], begin=0, end=100, first_young=50) == 40
    assert plan_trim([group_at(90), group_at(60)], begin=0, end=100, first_young=50) == 50


def test_a_group_that_never_committed_keeps_everything() -> None:
    assert plan_trim([group_at(90), group_at(None)], begin=0, end=100, first_young=None) is None


def test_when_all_is_old_the_groups_decide() -> None:
    assert plan_trim([group_at(70)], begin=0, end=100, first_young=None) == 70


def test_without_groups_only_age_counts() -> None:
    assert plan_trim([], begin=0, end=100, first_young=30) == 30


def test_no_letter_goes_sooner_because_it_was_decided_upon_before_it_was_there() -> None:
    now = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    letter = DeadLetter.model_construct(event_id="d1", occurred_at=now)
    closed = DeadLetterClosed.model_construct(dead_letter="d1", occurred_at=now - 2 * KEPT_DECIDED)
    assert plan_dead_letter_trim([IndexedLetter(letter, 7, closed)], 8, now) == 7
    assert plan_dead_letter_trim([IndexedLetter(letter, 7, closed)], 8, now + KEPT_DECIDED) == 8


def test_no_timer_drops_a_letter_that_nobody_decided_upon() -> None:
    """It may be all that is left of a citizen's message."""
    now = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    letter = DeadLetter.model_construct(event_id="d1", occurred_at=now)
    assert plan_dead_letter_trim([IndexedLetter(letter, 7)], 8, now + timedelta(days=36_500)) == 7


def test_what_is_gone_is_not_deleted_again() -> None:
    assert plan_trim([group_at(40, begin=40)], begin=40, end=100, first_young=90) is None


@given(
    begin=st.integers(0, 50),
    size=st.integers(0, 100),
    committed=st.lists(st.none() | st.integers(0, 200), max_size=4),
    young=st.none() | st.integers(0, 200),
)
def test_no_record_goes_that_a_group_has_not_handled_or_that_is_young(
    begin: int, size: int, committed: list[int | None], young: int | None
) -> None:
    end = begin + size
    groups = [group_at(offset, begin, end) for offset in committed]
    keep_from = plan_trim(groups, begin=begin, end=end, first_young=young)
    if keep_from is not None:
        assert begin < keep_from <= end or young is not None
        assert all(keep_from <= group.next_offset for group in groups)
        assert young is None or keep_from <= young


def test_lag_counts_a_never_committed_partition_from_its_beginning() -> None:
    assert group_at(None, begin=20, end=100).records == 80
    assert group_at(90, begin=20, end=100).records == 10
    assert group_at(5, begin=20, end=100).records == 80  # what was trimmed does not wait any more


@pytest.mark.real
async def test_a_dead_letter_stays_until_it_was_decided_long_ago(kafka_server: Any) -> None:
    kafka, topic = KafkaSettings(kafka_bootstrap_servers=kafka_server.bootstrap_servers), a_topic("worker")
    await create_topics(kafka, topics=[topic])
    async with DeadLetters(kafka, InMemoryVault(), service="tester", now=SystemClock().now) as dead_letters:
        for _ in range(2):
            await dead_letters.publish_payload(topic, b"?", ValueError())
    now = datetime.now(UTC)
    long_after = now + KEPT_DECIDED + timedelta(hours=1)
    name = topic.dead_letters
    async with (
        Offsets(kafka) as offsets,
        DeadLetterIndex(kafka, [topic]) as index,
        operators_producer(kafka) as producer,
    ):
        first, second = [indexed.letter for indexed in (await index.letters()).values()]
        assert await trim_dead_letters(offsets, index, [topic], long_after) == {name: 0}
        await close(first, "dropped", producer, by=AgentId("operator"), at=datetime.now(UTC))
        assert await trim_dead_letters(offsets, index, [topic], now) == {name: 0}  # only just decided
        assert await trim_dead_letters(offsets, index, [topic], long_after) == {name: 1}  # the second is open
        await close(second, "dropped", producer, by=AgentId("operator"), at=datetime.now(UTC))
        assert await trim_dead_letters(offsets, index, [topic], long_after) == {name: 3}


@pytest.mark.real
async def test_an_index_that_keeps_no_bytes_reads_one_letter_again_where_it_lies(kafka_server: Any) -> None:
    kafka, topic = KafkaSettings(kafka_bootstrap_servers=kafka_server.bootstrap_servers), a_topic("worker")
    await create_topics(kafka, topics=[topic])
    async with (
        DeadLetters(kafka, InMemoryVault(), service="tester", now=SystemClock().now) as dead_letters,
        Offsets(kafka) as offsets,
        DeadLetterIndex(kafka, [topic]) as keeps,
        DeadLetterIndex(kafka, [topic], kept=without_record) as keeps_none,
    ):
        for payload in (b"first", b"second", b"third"):
            await dead_letters.publish_payload(topic, payload, ValueError())
        letters = [indexed.letter for indexed in (await keeps.letters()).values()]
        without = [indexed.letter for indexed in (await keeps_none.letters()).values()]
        assert [letter.record.box for letter in without] == [b""] * 3
        for place in (1, 0, 2):
            assert await keeps_none.whole(without[place]) == letters[place]
        await dead_letters.publish_payload(topic, b"fourth", ValueError())
        assert len(await keeps_none.letters()) == 4, "it goes on where it was"
        await offsets.delete_before({TopicPartition(topic.dead_letters, 0): 2})
        with pytest.raises(PermanentError, match="trimmed"):
            await keeps_none.whole(without[0])


@pytest.mark.real
async def test_what_this_version_cannot_read_stays_for_the_next(kafka_server: Any) -> None:
    kafka, topic = KafkaSettings(kafka_bootstrap_servers=kafka_server.bootstrap_servers), a_topic("worker")
    await create_topics(kafka, topics=[topic])
    async with (
        Offsets(kafka) as offsets,
        DeadLetterIndex(kafka, [topic]) as index,
        operators_producer(kafka) as producer,
    ):
        await producer.send([Record(topic.dead_letters, b"d1", b'{"type": "DeadLetter", "schema_version": 2}')])
        later = datetime.now(UTC) + 2 * KEPT_DECIDED
        assert await trim_dead_letters(offsets, index, [topic], later) == {topic.dead_letters: 0}
