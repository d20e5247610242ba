"""One suite for the publisher and its twin, then what only a real broker can show."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import OutOfOrderSequenceNumber

from guichet.contracts.topics import INBOUND_SMS, Topic
from guichet.errors import PermanentError, TransientError
from guichet.kafka.admin.topics import create_topics
from guichet.kafka.produce.publisher import KafkaPublisher, Publication, Publisher
from guichet.runtime.settings import KafkaSettings
from guichet_local.kafka.server import KafkaServer
from guichet_testing.builders.records import Knocked, a_knock, a_topic
from guichet_testing.twins.publisher import InMemoryPublisher

Read = Callable[[], Any]
IN_TIME_S = 20.0  # aiokafka by itself waits twice as long


def test_a_key_is_given_exactly_where_the_topic_has_none() -> None:
    with pytest.raises(ValueError, match="derives its key"):
        Publication(a_topic("worker"), a_knock("k1"), key="front")
    with pytest.raises(ValueError, match="needs a key"):
        Publication(INBOUND_SMS, a_knock("k1"))  # type: ignore[arg-type]


class PublisherSuite:
    """Inherited by TestInMemoryPublisher and TestKafkaPublisher. read: what the broker holds, oldest first."""

    async def test_what_was_published_is_there_in_order(
        self, publisher: Publisher, topic: Topic[Knocked], read: Read
    ) -> None:
        knocks = [a_knock(f"k{n}") for n in range(300)]
        await publisher.publish(*(Publication(topic, knock) for knock in knocks))
        await publisher.publish(Publication(topic, a_knock("last")))
        assert await read() == [*knocks, a_knock("last")]

    async def test_publishing_nothing_is_fine(self, publisher: Publisher, topic: Topic[Knocked], read: Read) -> None:
        await publisher.publish()
        assert await read() == []

    async def test_what_is_larger_than_the_topic_allows_is_refused_for_good(
        self, publisher: Publisher, topic: Topic[Knocked], read: Read
    ) -> None:
        with pytest.raises(PermanentError) as refused:
            await publisher.publish(
                Publication(topic, a_knock("k1")), Publication(topic, a_knock("large", note="x" * topic.max_bytes))
            )
        assert refused.value.reason == "too-large"
        assert await read() == []  # all or nothing

    async def test_the_largest_that_is_allowed_passes(
        self, publisher: Publisher, topic: Topic[Knocked], read: Read
    ) -> None:
        envelope = len(a_knock("large").model_dump_json())
        large = a_knock("large", note="x" * (topic.max_bytes - envelope))
        await publisher.publish(Publication(topic, large))
        assert await read() == [large]


class TestInMemoryPublisher(PublisherSuite):
    @pytest.fixture
    def topic(self) -> Topic[Knocked]:
        return a_topic("worker")

    @pytest.fixture
    def publisher(self) -> InMemoryPublisher:
        return InMemoryPublisher()

    @pytest.fixture
    def read(self, publisher: InMemoryPublisher, topic: Topic[Knocked]) -> Read:
        async def everything() -> Any:
            return publisher.on(topic)

        return everything

    async def test_away_it_confirms_nothing(self, topic: Topic[Knocked]) -> None:
        publisher = InMemoryPublisher(away=True)
        with pytest.raises(TransientError):
            await publisher.publish(Publication(topic, a_knock("k1")))
        assert publisher.published == []


@pytest.mark.real
class TestKafkaPublisher(PublisherSuite):
    @pytest.fixture
    def kafka(self, kafka_server: Any) -> KafkaSettings:
        return KafkaSettings(kafka_bootstrap_servers=kafka_server.bootstrap_servers)

    @pytest.fixture
    async def topic(self, kafka: KafkaSettings) -> Topic[Knocked]:
        topic = a_topic("worker")
        await create_topics(kafka, topics=[topic])
        return topic

    @pytest.fixture
    async def publisher(self, kafka: KafkaSettings) -> AsyncIterator[KafkaPublisher]:
        async with KafkaPublisher(kafka, "tester") as publisher:
            yield publisher

    @pytest.fixture
    def read(self, kafka: KafkaSettings, topic: Topic[Knocked]) -> Read:
        async def everything() -> Any:
            return await read_all(kafka, topic)

        return everything

    async def test_many_tasks_share_one_publisher(
        self, publisher: KafkaPublisher, topic: Topic[Knocked], read: Read
    ) -> None:
        await asyncio.gather(*(publisher.publish(Publication(topic, a_knock(f"k{n}"))) for n in range(200)))
        assert {knock.event_id for knock in await read()} == {f"k{n}" for n in range(200)}

    async def test_after_a_fatal_error_it_has_a_new_producer(
        self, publisher: KafkaPublisher, topic: Topic[Knocked], read: Read
    ) -> None:
        await publisher.publish(Publication(topic, a_knock("before")))
        producer = publisher._producer._current  # type: ignore[union-attr]
        producer._sender._sender_task.cancel()  # type: ignore[union-attr]
        producer._message_accumulator.fail_all(OutOfOrderSequenceNumber())  # type: ignore[union-attr]
        with pytest.raises(TransientError):
            await publisher.publish(Publication(topic, a_knock("during")))
        await publisher.publish(Publication(topic, a_knock("after")))
        assert [knock.event_id for knock in await read()] == ["before", "after"]

    async def test_a_batch_that_the_broker_refused_does_not_spoil_the_next(
        self, kafka: KafkaSettings, publisher: KafkaPublisher, topic: Topic[Knocked], read: Read
    ) -> None:
        """It leaves a gap in the sequence numbers, after which the broker refuses everything of that producer."""
        await publisher.publish(Publication(topic, a_knock("before")))
        promised = a_topic("worker", name=topic.name, max_bytes=8 * topic.max_bytes)  # more than the broker allows
        with pytest.raises(PermanentError) as refused:
            await publisher.publish(Publication(promised, a_knock("large", note="x" * 4 * topic.max_bytes)))
        assert refused.value.reason == "too-large"
        await publisher.publish(Publication(topic, a_knock("after")))
        assert [knock.event_id for knock in await read()] == ["before", "after"]

    async def test_a_topic_that_does_not_exist_is_not_waited_for_longer_than_told(self, kafka: KafkaSettings) -> None:
        async with KafkaPublisher(kafka, "tester", timedelta(seconds=0.5)) as publisher:
            with pytest.raises(TransientError):
                await asyncio.wait_for(publisher.publish(Publication(a_topic("worker"), a_knock("k1"))), IN_TIME_S)


async def read_all(kafka: KafkaSettings, topic: Topic[Knocked]) -> list[Any]:
    consumer = AIOKafkaConsumer(
        topic.name,
        bootstrap_servers=kafka.kafka_bootstrap_servers,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        max_partition_fetch_bytes=2 * topic.max_bytes,
    )
    await consumer.start()
    try:
        [partition] = consumer.assignment()
        end = (await consumer.end_offsets([partition]))[partition]
        found: list[Any] = []
        while await consumer.position(partition) < end:
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += [topic.events.validate_json(record.value) for record in records]
        return found
    finally:
        await consumer.stop()


@pytest.mark.real
async def test_it_starts_without_a_broker_refuses_in_time_and_works_once_there_is_one(
    own_broker: KafkaServer,
) -> None:
    kafka, topic = KafkaSettings(kafka_bootstrap_servers=own_broker.bootstrap_servers), a_topic("worker")
    async with KafkaPublisher(kafka, "tester", timedelta(seconds=1)) as publisher:
        with pytest.raises(TransientError):
            await asyncio.wait_for(publisher.publish(Publication(topic, a_knock("k1"))), IN_TIME_S)
        await asyncio.to_thread(own_broker.start)
        await create_topics(kafka, topics=[topic])
        await publish_until_confirmed(publisher, Publication(topic, a_knock("k2")))

        await asyncio.to_thread(own_broker.stop)
        with pytest.raises(TransientError):
            await asyncio.wait_for(publisher.publish(Publication(topic, a_knock("k3"))), IN_TIME_S)
        await asyncio.to_thread(own_broker.start)
        await publish_until_confirmed(publisher, Publication(topic, a_knock("k4")))
    names = [knock.event_id for knock in await read_all(kafka, topic)]
    assert set(names) >= {"k2", "k4"}
    assert "k1" not in names


@pytest.mark.real
async def test_it_stops_in_time_while_the_broker_is_away(own_broker: KafkaServer) -> None:
    kafka, topic = KafkaSettings(kafka_bootstrap_servers=own_broker.bootstrap_servers), a_topic("worker")
    await asyncio.to_thread(own_broker.start)
    await create_topics(kafka, topics=[topic])
    publisher = KafkaPublisher(kafka, "tester", timedelta(seconds=1))
    await publish_until_confirmed(publisher, Publication(topic, a_knock("k1")))
    await asyncio.to_thread(own_broker.kill)
    with pytest.raises(TransientError):
        await publisher.publish(Publication(topic, a_knock("k2")))
    await asyncio.wait_for(publisher.stop(), IN_TIME_S)


async def publish_until_confirmed(publisher: KafkaPublisher, publication: Publication[Knocked]) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                return await publisher.publish(publication)
            except TransientError:
                await asyncio.sleep(0.2)
