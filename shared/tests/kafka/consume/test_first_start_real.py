"""A group's first start on the real broker, overtaken by a rebalance."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from guichet.kafka.admin.offsets import Offsets
from guichet.kafka.consume import reader
from guichet.kafka.consume.worker import dispatch
from guichet.runtime.settings import KafkaSettings
from guichet_testing.builders.records import Knocked, a_knock
from guichet_testing.real.broker import a_topic_with, a_worker, working
from guichet_testing.until import until

pytestmark = pytest.mark.real


async def test_a_group_that_is_joined_anew_during_its_first_start_reads_on(
    kafka_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    kafka = KafkaSettings(kafka_bootstrap_servers=kafka_server.bootstrap_servers)
    topic = await a_topic_with(kafka, [a_knock(f"k{n}", door=f"d{n}") for n in range(8)], "worker")
    members: list[AIOKafkaConsumer] = []
    heard: set[str] = set()
    a_member, begins = reader.a_member, Offsets.begins

    def remembered(*args: Any) -> AIOKafkaConsumer:
        members.append(a_member(*args))
        return members[-1]

    async def overtaken(self: Offsets, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        [member] = members
        monkeypatch.setattr(Offsets, "begins", begins)
        before = member._subscription.subscription.assignment
        member._coordinator.request_rejoin()
        await until(lambda: member._subscription.subscription.assignment is not before)
        await asyncio.sleep(0.2)
        return await begins(self, partitions)

    async def listen(knock: Knocked) -> None:
        heard.add(knock.event_id)

    monkeypatch.setattr(reader, "a_member", remembered)
    monkeypatch.setattr(Offsets, "begins", overtaken)
    async with working(a_worker(kafka, [topic], dispatch({Knocked: listen}))):
        await until(lambda: len(heard) == 8)
