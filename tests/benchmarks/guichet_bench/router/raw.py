"""The raw limit: a consumer of the same topics that decodes, writes and publishes what a router wrote, and commits.

It decides, opens, seals and looks up nothing: its documents and events are ready before it reads the first record.
Run as a process: RAW_NAME names the consumer group; EARLIER the router's writes for what was filed before, which are
made before the first record is read; WRITES those for the records, EVENTS what it published then.
"""

import asyncio
import json
import os
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import UpdateMany, UpdateOne

from guichet.contracts.topics import CASE_EVENTS, INBOUND
from guichet.kafka.consume.reader import BATCH_SIZE
from guichet.kafka.sizes import FETCH_BYTES, LARGEST_RECORD
from guichet.runtime.garbage import tune_collector
from guichet_bench.router.recording import Renewal, Write, load

Event = tuple[bytes, bytes, list[tuple[str, bytes]]]
_TOPICS: Final = {topic.name: topic for topic in INBOUND}
_POLL_MS: Final = 500


class RawLimit:
    """Replays writes in their order; those of a message come after its record was read."""

    def __init__(self, writes: Sequence[Write], events: Sequence[Event], client: Any, producer: Any) -> None:
        self._writes = deque(writes)
        self._events = deque(events)
        self._per_message = len(events) / max(1, sum(write.messages for write in writes))
        self._client = client
        self._producer = producer
        self._read = self._written = 0
        self._published = 0

    async def take(self, records: int) -> None:
        """Write and publish what belongs to the next `records` messages."""
        self._read += records
        while self._writes and self._written + self._writes[0].messages <= self._read:
            write = self._writes.popleft()
            self._written += write.messages
            await self._make(write)
        await self._publish(int(self._written * self._per_message) - self._published)

    async def _make(self, write: Write) -> None:
        collection = self._client[write.database][write.collection]
        if write.kind == "insert":
            await collection.insert_many(write.entries, ordered=write.ordered)
        else:
            await collection.bulk_write([_update(entry) for entry in write.entries], ordered=write.ordered)

    async def _publish(self, count: int) -> None:
        self._published += count
        sent = []
        for key, value, headers in (self._events.popleft() for _ in range(min(count, len(self._events)))):
            sent.append(await self._producer.send(CASE_EVENTS.name, value, key, headers=headers))
        await asyncio.gather(*sent)


def _update(entry: dict[str, Any]) -> UpdateOne | UpdateMany:
    kind = UpdateMany if entry.get("multi") else UpdateOne
    return kind(entry["q"], entry["u"], upsert=entry.get("upsert", False))


def _ready_events(file: Path, renewal: Renewal) -> list[Event]:
    """events: one JSON list a line: key, value, headers."""
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    return [
        (renewal.text(key).encode(), renewal.text(value).encode(), [(name, text.encode()) for name, text in headers])
        for key, value, headers in lines
    ]


async def main() -> None:
    """Read until killed."""
    name, servers = os.environ["RAW_NAME"], os.environ["GUICHET_KAFKA_BOOTSTRAP_SERVERS"]
    renewal = Renewal(name)
    earlier, writes = (
        [renewal.write(write) for write in load(Path(os.environ[name]))] for name in ("EARLIER", "WRITES")
    )
    events = _ready_events(Path(os.environ["EVENTS"]), renewal)
    client: Any = AsyncIOMotorClient(os.environ["GUICHET_MONGODB_URI"], tz_aware=True)
    producer = AIOKafkaProducer(
        bootstrap_servers=servers, enable_idempotence=True, acks="all", linger_ms=2, max_batch_size=128 * 1024
    )
    consumer = AIOKafkaConsumer(
        *_TOPICS,
        bootstrap_servers=servers,
        group_id=name,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=LARGEST_RECORD,
        fetch_max_bytes=FETCH_BYTES,
    )
    await producer.start()
    await RawLimit(earlier, [], client, producer).take(len(earlier) * BATCH_SIZE)
    limit = RawLimit(writes, events, client, producer)
    tune_collector()
    await consumer.start()
    while True:
        found = await consumer.getmany(timeout_ms=_POLL_MS, max_records=BATCH_SIZE)
        records = [record for some in found.values() for record in some]
        for record in records:
            _TOPICS[record.topic].events.validate_json(record.value)
        if records:
            await limit.take(len(records))
            await consumer.commit()


if __name__ == "__main__":
    asyncio.run(main())
