"""Topics and workers on the test run's real broker."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from guichet.clock import SystemClock
from guichet.contracts.topics import Topic
from guichet.kafka.admin.topics import create_topics
from guichet.kafka.consume.worker import BATCH_SIZE, BatchHandler, Worker
from guichet.kafka.dead_letters.publish import DeadLetters
from guichet.kafka.produce.publisher import KafkaPublisher, Publication
from guichet.runtime.settings import HealthSettings, KafkaSettings
from guichet.vault.ports import KeySource
from guichet_testing.builders.records import Knocked, a_topic
from guichet_testing.twins.vault import InMemoryVault


async def a_topic_with(
    kafka: KafkaSettings, knocks: Iterable[Knocked], *groups: str, partitions: int = 1
) -> Topic[Knocked]:
    """Create a topic read by `groups` and publish `knocks` on it."""
    topic = a_topic(*groups, partitions=partitions)
    await create_topics(kafka, topics=[topic])
    await publish(kafka, topic, knocks)
    return topic


async def publish(kafka: KafkaSettings, topic: Topic[Knocked], knocks: Iterable[Knocked]) -> None:
    """Publish knocks and return once they are confirmed."""
    async with KafkaPublisher(kafka, "tester") as publisher:
        await publisher.publish(*(Publication(topic, knock) for knock in knocks))


def a_worker(
    kafka: KafkaSettings,
    topics: Sequence[Topic[Any]],
    handle: BatchHandler,
    *,
    name: str = "worker",
    keys: KeySource | None = None,
    seen_after: timedelta = timedelta(0),
    batch_size: int = BATCH_SIZE,
    apart: Sequence[Topic[Any]] = (),
) -> Worker:
    """Return a worker that reads `topics` and seals its dead letters with `keys`. The rest: see Worker."""
    dead_letters = DeadLetters(kafka, keys or InMemoryVault(), service=name, now=SystemClock().now)
    worker = Worker(name, kafka, HealthSettings(), dead_letters, seen_after=seen_after)
    worker.read(topics, handle, batch_size=batch_size, apart=apart)
    return worker


@asynccontextmanager
async def working(worker: Worker) -> AsyncIterator[None]:
    """Run the worker during the block, then stop it in order; what made it fail is raised."""
    stopping = asyncio.Event()
    serving = asyncio.ensure_future(worker.serve(stopping))
    try:
        yield
    finally:
        stopping.set()
        failure = await serving
    if failure is not None:
        raise failure
