"""Topics, offsets, trimming and following on the real broker."""

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from guichet.contracts.topics import TOPICS
from guichet.errors import PermanentError, TransientError
from guichet.kafka.admin.client import administration
from guichet.kafka.admin.offsets import Offsets
from guichet.kafka.admin.topics import create_topics
from guichet.kafka.consume.worker import dispatch
from guichet.kafka.groupless.follow import follow
from guichet.kafka.trim import trim
from guichet.runtime.settings import KafkaSettings
from guichet_testing.builders.records import Knocked, a_knock, a_topic
from guichet_testing.real.broker import a_topic_with, a_worker, publish, working
from guichet_testing.until import until

pytestmark = pytest.mark.real


@pytest.fixture
def kafka(kafka_server: Any) -> KafkaSettings:
    return KafkaSettings(kafka_bootstrap_servers=kafka_server.bootstrap_servers)


async def configuration(kafka: KafkaSettings, topic: str) -> dict[str, str]:
    async with administration(kafka) as admin:
        [answer] = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    [(_, _, _, _, entries)] = answer.resources
    return {entry[0]: entry[1] for entry in entries}


async def is_told(kafka: KafkaSettings, topic: str, name: str, value: str) -> None:
    """Wait until a broker tells of a change that it has confirmed: the others, and its readers, learn it afterwards."""
    await until(lambda: _tells(kafka, topic, name, value))


async def _tells(kafka: KafkaSettings, topic: str, name: str, value: str) -> bool:
    return (await configuration(kafka, topic))[name] == value


async def test_the_whole_registry_can_be_created_twice(kafka: KafkaSettings) -> None:
    await create_topics(kafka)  # what it says it created is no proof: a slow broker is asked twice
    async with administration(kafka) as admin:
        assert {name for topic in TOPICS for name in (topic.name, topic.dead_letters)} <= set(await admin.list_topics())
    assert await create_topics(kafka) == []


async def test_a_change_of_one_setting_keeps_the_others(kafka: KafkaSettings) -> None:
    topic = a_topic("worker", max_bytes=100_000)
    await create_topics(kafka, topics=[topic])
    before = await configuration(kafka, topic.name)
    await create_topics(kafka, topics=[a_topic("worker", name=topic.name, max_bytes=200_000)])
    await is_told(kafka, topic.name, "max.message.bytes", str(int(before["max.message.bytes"]) + 100_000))
    after = await configuration(kafka, topic.name)
    assert int(after["max.message.bytes"]) - int(before["max.message.bytes"]) == 100_000
    assert after == before | {"max.message.bytes": after["max.message.bytes"]}
    assert (after["retention.ms"], after["cleanup.policy"]) == ("-1", "delete")


async def test_a_single_broker_confirms_nothing_that_a_power_cut_would_take(kafka: KafkaSettings) -> None:
    topic = a_topic("worker")
    await create_topics(kafka, topics=[topic])
    for name in (topic.name, topic.dead_letters):
        assert (await configuration(kafka, name))["flush.messages"] == "1"


async def test_a_topic_that_was_never_flushed_is_brought_up_to_the_registry(kafka: KafkaSettings) -> None:
    topic = a_topic("worker")
    await create_topics(kafka, topics=[topic])
    async with administration(kafka) as admin:
        unflushed = {"flush.messages": str(2**63 - 1), "retention.ms": "-1", "cleanup.policy": "delete"}
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic.name, unflushed)])
    await is_told(kafka, topic.name, "flush.messages", str(2**63 - 1))
    await create_topics(kafka, topics=[topic])
    await is_told(kafka, topic.name, "flush.messages", "1")


async def test_what_counts_is_the_copies_that_a_topic_has_not_those_that_the_command_names(
    kafka: KafkaSettings,
) -> None:
    topic = a_topic("worker")
    await create_topics(kafka, topics=[topic])
    await create_topics(kafka, topics=[topic], replication=3)
    after = await configuration(kafka, topic.name)
    assert (after["flush.messages"], after["min.insync.replicas"]) == ("1", "1")


async def test_another_number_of_partitions_is_refused(kafka: KafkaSettings) -> None:
    topic = a_topic("worker", partitions=2)
    await create_topics(kafka, topics=[topic])
    with pytest.raises(PermanentError, match="2 partitions"):
        await create_topics(kafka, topics=[a_topic("worker", name=topic.name, partitions=3)])


async def test_what_the_broker_refuses_is_raised(kafka: KafkaSettings) -> None:
    with pytest.raises(PermanentError, match="InvalidReplicationFactor"):
        await create_topics(kafka, topics=[a_topic("worker")], replication=3)  # there is one broker


async def test_a_topic_that_does_not_exist_is_named_with_the_remedy(kafka: KafkaSettings) -> None:
    async with Offsets(kafka) as offsets:
        with pytest.raises(TransientError, match="no-such-topic does not exist: run `guichet topics create`"):
            await offsets.partitions(["no-such-topic"])


async def test_lag_counts_partitions_that_were_never_committed(kafka: KafkaSettings) -> None:
    topic = await a_topic_with(kafka, [a_knock(f"k{n}", door=f"d{n}") for n in range(30)], "worker", partitions=3)
    before = datetime.now(UTC) - timedelta(seconds=30)
    async with Offsets(kafka) as offsets:
        lags = await offsets.lags([topic])
        assert sum(lag.records for lag in lags) == 30
        assert all(lag.committed is None for lag in lags)
        ages = await offsets.oldest_unhandled(lags)
        assert set(ages) == {lag for lag in lags if lag.records}
        assert all(before < at <= datetime.now(UTC) for at in ages.values())

        heard: list[str] = []

        async def hear(knock: Knocked) -> None:
            heard.append(knock.event_id)

        async with working(a_worker(kafka, [topic], dispatch({Knocked: hear}))):
            await until(lambda: len(heard) == 30)
        lags = await offsets.lags([topic])
        assert sum(lag.records for lag in lags) == 0
        assert await offsets.oldest_unhandled(lags) == {}


async def test_trimming_keeps_what_a_group_has_not_handled_and_what_is_young(kafka: KafkaSettings) -> None:
    topic = await a_topic_with(
        kafka, [a_knock(f"k{n}") for n in range(10)], "worker", "other-worker"
    )  # the other never came
    heard: list[str] = []

    async def hear(knock: Knocked) -> None:
        heard.append(knock.event_id)

    async with working(a_worker(kafka, [topic], dispatch({Knocked: hear}))):
        await until(lambda: len(heard) == 10)
    later = datetime.now(UTC) + topic.retention + timedelta(hours=1)
    async with Offsets(kafka) as offsets:
        assert await trim(offsets, [topic], later) == {topic.name: 0}
        async with working(a_worker(kafka, [topic], dispatch({}), name="other-worker")):
            await until_all_handled(offsets, topic)
        assert await trim(offsets, [topic], datetime.now(UTC)) == {topic.name: 0}  # handled, but young
        assert await trim(offsets, [topic], later) == {topic.name: 10}
        assert await trim(offsets, [topic], later) == {topic.name: 0}
        partitions = await offsets.partitions([topic.name])
        assert list((await offsets.begins(partitions)).values()) == [10]
    await publish(kafka, topic, [a_knock("after")])
    async with working(a_worker(kafka, [topic], dispatch({Knocked: hear}))):  # what was trimmed stops nobody
        await until(lambda: "after" in heard)


async def until_all_handled(offsets: Offsets, topic: Any) -> None:
    async with asyncio.timeout(20):
        while sum(lag.records for lag in await offsets.lags([topic])):  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def test_following_begins_now_and_sees_everything_from_then_on(kafka: KafkaSettings) -> None:
    topic = await a_topic_with(kafka, [a_knock("old")], "worker", partitions=2)
    seen: list[str] = []
    started = asyncio.Event()

    async def listen() -> None:
        async with aclosing(follow(topic, kafka, started=started)) as events:
            async for knock in events:
                seen.append(knock.event_id)

    listening = asyncio.ensure_future(listen())
    await asyncio.wait_for(started.wait(), 10)
    await publish(kafka, topic, [a_knock(f"new{n}", door=f"d{n}") for n in range(5)])
    await until(lambda: len(seen) == 5)
    listening.cancel()
    assert sorted(seen) == [f"new{n}" for n in range(5)]
