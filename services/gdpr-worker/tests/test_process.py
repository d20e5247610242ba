"""gdpr-worker as a process, on real Kafka and mongod."""

# ruff: noqa: ASYNC110  waits by looking; starting a process may block

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer

from guichet.contracts.base import Sealed
from guichet.contracts.dead_letters import DeadLetter, DeadLetterClosed
from guichet.contracts.privacy import ErasureRequested
from guichet.contracts.topics import PRIVACY_EVENTS, PRIVACY_REQUESTS
from guichet.ids import AgentId, CitizenId, EventId, KeyId
from guichet.kafka.graveyard import operators_producer
from guichet.kafka.offsets import Offsets
from guichet.kafka.producer import Record
from guichet.kafka.publisher import KafkaPublisher, Publication
from guichet.kafka.topics import create_topics
from guichet.kafka.trimming import KEPT_DECIDED
from guichet.runtime.settings import KafkaSettings, MongoSettings, OpeningSettings
from guichet.store.client import connect, connect_vault
from guichet.store.preparation import prepare
from guichet.store.privacy_requests import MongoPrivacyRequestStore
from guichet.store.vault_setup import initialise_vault

LONG_AGO = datetime.now(UTC) - KEPT_DECIDED - timedelta(days=1)
DLQ = PRIVACY_EVENTS.dead_letters


@dataclass
class Stack:
    """The prepared servers and the running worker."""

    kafka: KafkaSettings
    requests: MongoPrivacyRequestStore
    process: subprocess.Popen[bytes]

    async def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.to_thread(self.process.wait, 40)

    async def first_of_dead_letters(self) -> int:
        async with Offsets(self.kafka) as offsets:
            [place] = await offsets.partitions([DLQ])
            return (await offsets.begins([place]))[place]


@pytest.fixture
async def stack(kafka_server: Any, mongo_server: Any, mongo_database: str, tmp_path: Path) -> AsyncIterator[Stack]:
    kafka = KafkaSettings(kafka_bootstrap_servers=kafka_server.bootstrap_servers)
    database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
    opening = OpeningSettings(
        mongodb_uri=mongo_server.uri, vault_database=f"{mongo_database}_vault", root_key_file=tmp_path / "root.key"
    )
    await prepare(database)
    await initialise_vault(connect_vault(opening), opening.root_key_file)
    await create_topics(kafka)
    environment = {
        **os.environ,
        "GUICHET_KAFKA_BOOTSTRAP_SERVERS": kafka_server.bootstrap_servers,
        "GUICHET_MONGODB_URI": mongo_server.uri,
        "GUICHET_MONGODB_DATABASE": mongo_database,
        "GUICHET_VAULT_DATABASE": f"{mongo_database}_vault",
        "GUICHET_ROOT_KEY_FILE": str(opening.root_key_file),
        "GUICHET_HTTP_PORT": "0",
        "GUICHET_TRIM_EVERY": "PT1S",
    }
    process = subprocess.Popen([sys.executable, "-m", "gdpr_worker"], env=environment)
    yield Stack(kafka, MongoPrivacyRequestStore(database), process)
    process.kill()
    process.wait()
    database.client.close()


async def bury_and_decide_long_ago(kafka: KafkaSettings, name: str) -> None:
    letter = DeadLetter(
        event_id=EventId(name), occurred_at=LONG_AGO, topic=PRIVACY_EVENTS.name, partition=0, offset=0, group="desk",
        reason="bug", error="KeyError", record=Sealed.model_construct(key_id=KeyId("k"), box=b"QUFB"),
    )  # fmt: skip
    closed = DeadLetterClosed(
        event_id=EventId(f"{name}-closed"), occurred_at=LONG_AGO, dead_letter=letter.event_id, act="dropped",
        by=AgentId("operator"),
    )  # fmt: skip
    async with operators_producer(kafka) as producer:
        await producer.send([Record(DLQ, name.encode(), each.model_dump_json().encode()) for each in (letter, closed)])


@pytest.mark.real
async def test_a_request_is_recorded_and_announced_and_what_is_old_is_trimmed(stack: Stack) -> None:
    before = await stack.first_of_dead_letters()
    await bury_and_decide_long_ago(stack.kafka, f"old-{os.getpid()}")
    asked = ErasureRequested(
        event_id=EventId(f"request-{os.getpid()}"), occurred_at=datetime.now(UTC), citizen=CitizenId("citizen-1"),
        requested_by=AgentId("dpo"), decision="DPO-2026-014",
    )  # fmt: skip
    announced = AIOKafkaConsumer(
        PRIVACY_EVENTS.name, bootstrap_servers=stack.kafka.kafka_bootstrap_servers, auto_offset_reset="earliest"
    )
    await announced.start()
    try:
        async with KafkaPublisher(stack.kafka, "tester") as publisher:
            await publisher.publish(Publication(PRIVACY_REQUESTS, asked))
        async with asyncio.timeout(40):
            event = PRIVACY_EVENTS.events.validate_json((await announced.getone()).value)
            while event.request_id != asked.event_id:
                event = PRIVACY_EVENTS.events.validate_json((await announced.getone()).value)
            while await stack.first_of_dead_letters() < before + 2:
                await asyncio.sleep(0.3)
    finally:
        await announced.stop()
    assert await stack.requests.find(asked.event_id)
    assert await stack.stop() == 0
