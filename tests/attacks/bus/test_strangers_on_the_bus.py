"""Whoever reaches the broker's port, and is nobody's service, reads and writes nothing."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

from guichet.contracts.privacy import ErasureRequested
from guichet.contracts.topics import PRIVACY_REQUESTS
from guichet.ids import AgentId, CitizenId, EventId
from guichet.kafka.connection import client_options
from guichet_local.stack import LocalStack
from guichet_topology.secrets import KAFKA_PASSWORDS, parse

pytestmark = [pytest.mark.real]

PATIENCE_S = 10.0


def nobody(servers: LocalStack) -> dict[str, Any]:
    return {"bootstrap_servers": f"127.0.0.1:{servers.ports['kafka']}"}


def signing_in(servers: LocalStack, user: str, password: str, mechanism: str = "SCRAM-SHA-256") -> dict[str, Any]:
    return {
        **nobody(servers),
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": mechanism,
        "sasl_plain_username": user,
        "sasl_plain_password": password,
    }


async def ask_for_an_erasure(**options: Any) -> None:
    forged = ErasureRequested(
        event_id=EventId("0" * 32),
        occurred_at=datetime.now(UTC),
        citizen=CitizenId("somebody"),
        decision="forged",
        requested_by=AgentId("nobody"),
    )
    async with asyncio.timeout(PATIENCE_S), AIOKafkaProducer(**options) as producer:
        await producer.send_and_wait(PRIVACY_REQUESTS.name, forged.model_dump_json().encode())


async def test_a_stranger_on_the_bus_cannot_ask_for_an_erasure(servers: LocalStack) -> None:
    with pytest.raises((KafkaError, TimeoutError)):
        await ask_for_an_erasure(**nobody(servers))


async def test_a_stranger_on_the_bus_reads_no_topic(servers: LocalStack) -> None:
    with pytest.raises((KafkaError, TimeoutError)):
        async with asyncio.timeout(PATIENCE_S), AIOKafkaConsumer(**nobody(servers)) as consumer:
            assert await consumer.topics() == set()


async def test_an_unknown_user_a_wrong_password_and_a_service_s_name_over_plain_are_refused(
    servers: LocalStack,
) -> None:
    passwords = parse((servers.folder / "secrets" / "secrets.env").read_text())
    router = passwords[KAFKA_PASSWORDS["case-router"]]
    for user, password, mechanism in (
        ("mallory", router, "SCRAM-SHA-256"),
        ("guichet-cli", router, "SCRAM-SHA-256"),
        ("guichet-cli", passwords[KAFKA_PASSWORDS["guichet-cli"]], "PLAIN"),  # sends its password: not for services
        ("admin", "admin", "PLAIN"),
        ("broker", router, "PLAIN"),
    ):
        with pytest.raises((KafkaError, TimeoutError)):
            await ask_for_an_erasure(**signing_in(servers, user, password, mechanism))


async def test_the_administrator_can_so_that_the_refusals_above_mean_something(servers: LocalStack) -> None:
    await ask_for_an_erasure(**client_options(servers.kafka_admin))
