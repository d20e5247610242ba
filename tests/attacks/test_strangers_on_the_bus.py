"""Whoever reaches the broker's port, and is nobody's service, reads and writes nothing."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

from guichet.contracts.privacy import ErasureRequested
from guichet.contracts.topics import PRIVACY_REQUESTS
from guichet.ids import AgentId, CitizenId, EventId
from guichet_local.prepare_steps import Preparation, PrepareStep
from guichet_local.stack import LocalStack

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("attacks-bus")]

PATIENCE_S = 10.0


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """The servers as a town's stack has them, prepared for its services; none of them runs."""
    only_servers = Preparation(before=(PrepareStep(("prepare",)),), meanwhile=())
    with LocalStack(tmp_path_factory.mktemp("town"), services=(), preparation=only_servers) as stack:
        yield stack


def port_of(town: LocalStack) -> str:
    return f"127.0.0.1:{town.ports['kafka']}"


async def test_a_stranger_on_the_bus_cannot_ask_for_an_erasure(town: LocalStack) -> None:
    forged = ErasureRequested(
        event_id=EventId("0" * 32),
        occurred_at=datetime.now(UTC),
        citizen=CitizenId("somebody"),
        decision="forged",
        requested_by=AgentId("nobody"),
    )
    with pytest.raises((KafkaError, TimeoutError)):
        async with asyncio.timeout(PATIENCE_S), AIOKafkaProducer(bootstrap_servers=port_of(town)) as producer:
            await producer.send_and_wait(PRIVACY_REQUESTS.name, forged.model_dump_json().encode())


async def test_a_stranger_on_the_bus_reads_no_topic(town: LocalStack) -> None:
    consumer = AIOKafkaConsumer(bootstrap_servers=port_of(town))
    with pytest.raises((KafkaError, TimeoutError)):
        async with asyncio.timeout(PATIENCE_S), consumer:
            assert await consumer.topics() == set()
