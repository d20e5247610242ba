"""Read a topic from now on, in no group: what live pages show. Nothing is promised, nothing is committed."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from typing import Final

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from pydantic import ValidationError

from guichet.contracts.topics import E, Topic
from guichet.kafka.connection import client_options, stop_consumer
from guichet.kafka.records import ONLY_GROUP
from guichet.kafka.sizes import FETCH_BYTES, LARGEST_RECORD
from guichet.runtime.settings import KafkaSettings

log = structlog.get_logger()

_AGAIN_S: Final = 2.0


async def follow(
    topic: Topic[E], kafka: KafkaSettings, *, started: asyncio.Event | None = None
) -> AsyncGenerator[E, None]:
    """Yield the events that arrive on `topic` from now on, for as long as the caller listens.

    started: set once everything published from then on will be seen. While the broker is away it waits; what arrived
    during an outage of the connection may be missed, so a page that must be right reads the store again.
    """
    while True:
        try:
            async with aclosing(_listen(topic, kafka, started)) as events:
                async for event in events:
                    yield event
        except KafkaError as exc:
            log.warning("cannot follow", topic=topic.name, error=type(exc).__name__)
            await asyncio.sleep(_AGAIN_S)


async def _listen(topic: Topic[E], kafka: KafkaSettings, started: asyncio.Event | None) -> AsyncGenerator[E, None]:
    consumer = AIOKafkaConsumer(
        topic.name,
        **client_options(kafka),
        enable_auto_commit=False,
        auto_offset_reset="latest",
        max_partition_fetch_bytes=LARGEST_RECORD,
        fetch_max_bytes=FETCH_BYTES,
    )
    try:
        await consumer.start()
        for partition in consumer.assignment():
            await consumer.position(partition)
        if started is not None:
            started.set()
        while True:
            for records in (await consumer.getmany(timeout_ms=500)).values():
                for record in records:
                    if any(name == ONLY_GROUP for name, _ in record.headers):
                        continue  # a replay: whoever shows events saw it the first time
                    with suppress(ValidationError):  # its group dead-letters it
                        yield topic.events.validate_json(record.value)
    finally:
        await stop_consumer(consumer)
