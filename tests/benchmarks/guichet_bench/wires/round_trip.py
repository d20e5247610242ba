"""A Kafka round trip: from handing a record to the producer (acks=all) until a consumer holds it."""

import asyncio
import time
from contextlib import AsyncExitStack
from typing import Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import NewTopic

from guichet.kafka.admin.client import administration
from guichet.kafka.connection import client_options
from guichet.runtime.settings import KafkaSettings
from guichet_bench.wires.beat import at_rate

RECORD: Final = b"x" * 600  # as long as a sealed SMS
TOPIC: Final = "bench-round-trips"  # no worker reads it


async def make_topic(kafka: KafkaSettings) -> None:
    """Make the topic of `round_trips`, with one partition."""
    async with administration(kafka) as admin:
        await admin.create_topics([NewTopic(TOPIC, num_partitions=1, replication_factor=1)])


async def round_trips(kafka: KafkaSettings, *, per_second: float, records: int) -> list[float]:
    """Return the seconds that each record took."""
    async with AsyncExitStack() as stack:
        producer = AIOKafkaProducer(**client_options(kafka), acks="all", enable_idempotence=True)
        consumer = AIOKafkaConsumer(**client_options(kafka))
        for client in (producer, consumer):
            await client.start()
            stack.push_async_callback(client.stop)
        place = TopicPartition(TOPIC, 0)
        consumer.assign([place])
        await consumer.seek_to_end(place)
        await consumer.position(place)
        sent: dict[bytes, float] = {}

        async def send(number: int) -> None:
            key = str(number).encode()
            sent[key] = time.perf_counter()
            await producer.send_and_wait(TOPIC, RECORD, key=key, partition=0)

        async def receive() -> list[float]:
            took: list[float] = []
            while len(took) < records:
                for batch in (await consumer.getmany(timeout_ms=1000)).values():
                    now = time.perf_counter()
                    took += [now - sent[record.key] for record in batch]
            return took

        receiving = asyncio.create_task(receive())
        await at_rate(per_second, range(records), send)
        return await receiving
