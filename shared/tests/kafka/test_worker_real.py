"""The worker on the real broker: nothing is lost, whatever fails first (stack 3.1, 8)."""

import asyncio
from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from guichet.errors import PermanentError, TransientError
from guichet.kafka.offsets import Offsets
from guichet.kafka.worker import Received, Worker, each
from guichet.runtime.settings import HttpSettings, KafkaSettings
from guichet.testing.broker import a_topic_with, a_worker, publish, working
from guichet.testing.kafka import InMemoryDeadLetters, Knocked, a_knock, a_topic
from guichet.testing.waiting import until

pytestmark = pytest.mark.real


@pytest.fixture
def kafka(kafka_server: Any) -> KafkaSettings:
    return KafkaSettings(kafka_bootstrap_servers=kafka_server.bootstrap_servers)


class Ear:
    """A deed that remembers what it heard."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    async def __call__(self, knock: Knocked) -> None:
        self.heard.append(knock.event_id)


async def committed(kafka: KafkaSettings, group: str, topic: str) -> int | None:
    async with Offsets(kafka) as offsets:
        [place] = await offsets.partitions([topic])
        found = (await offsets.committed(group, [place]))[place]
    return None if found is None else found.offset


async def test_every_record_is_handled_once_and_the_group_stands_at_the_end(kafka: KafkaSettings) -> None:
    knocks = [a_knock(f"k{n}", door=f"d{n % 7}") for n in range(1000)]
    topic = await a_topic_with(kafka, knocks, "porter", partitions=3)
    ear = Ear()
    async with working(a_worker(kafka, [topic], each({Knocked: ear}))):
        await until(lambda: len(ear.heard) >= 1000)
    assert sorted(ear.heard) == sorted(knock.event_id for knock in knocks)
    async with Offsets(kafka) as offsets:
        assert [lag.records for lag in await offsets.lags([topic])] == [0, 0, 0]


@pytest.mark.parametrize("size", [1, 50])
async def test_a_bug_in_the_first_batch_of_a_new_group_loses_nothing(kafka: KafkaSettings, size: int) -> None:
    topic = await a_topic_with(kafka, [a_knock(f"k{n}") for n in range(size)], "porter")
    heard: list[str] = []

    async def broken_loop(batch: Sequence[Received[Any]]) -> None:
        raise SystemExit  # not an Exception: what escapes even the loop

    crashing = a_worker(kafka, [topic], broken_loop)
    with pytest.raises(BaseException):  # noqa: B017, PT011
        async with working(crashing):
            await asyncio.sleep(0.5)
            await until(lambda: False, 3)
    assert await committed(kafka, "porter", topic.name) in (None, 0)
    ear = Ear()
    heard = ear.heard
    async with working(a_worker(kafka, [topic], each({Knocked: ear}))):
        await until(lambda: len(heard) >= size)
    assert set(heard) == {f"k{n}" for n in range(size)}
