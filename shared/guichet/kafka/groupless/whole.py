"""Read topics from their beginning to where they end now, in no group."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Final

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import ConsumerRecord, TopicPartition

from guichet.kafka.admin.client import translated
from guichet.kafka.connection import client_options, stop_consumer
from guichet.kafka.sizes import FETCH_BYTES, LARGEST_RECORD
from guichet.runtime.settings import KafkaSettings

_RECORDS_AT_ONCE: Final = 500


async def read_whole(kafka: KafkaSettings, topics: Sequence[str]) -> AsyncGenerator[list[ConsumerRecord], None]:
    """Yield every record that these topics hold, some at a time, in order within a partition. Raises TransientError."""
    consumer = AIOKafkaConsumer(
        *topics,
        **client_options(kafka),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=LARGEST_RECORD,
        fetch_max_bytes=FETCH_BYTES,
    )
    try:
        async with translated(kafka):
            await consumer.start()
            ends = await consumer.end_offsets(list(consumer.assignment()))
        records: list[ConsumerRecord] | None = []
        while records is not None:
            async with translated(kafka):
                records = await _next(consumer, ends)
            if records:
                yield records
    finally:
        await stop_consumer(consumer)


async def _next(consumer: AIOKafkaConsumer, ends: Mapping[TopicPartition, int]) -> list[ConsumerRecord] | None:
    """Return the next records; None once every partition has been read up to its end."""
    for partition, end in ends.items():
        if await consumer.position(partition) < end:
            found = await consumer.getmany(timeout_ms=200, max_records=_RECORDS_AT_ONCE)
            return [record for records in found.values() for record in records]
    return None
