"""gdpr-worker's two readings in one group, on the real broker: what holds up one does not hold up the other."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import AsyncMock

import pytest

from gdpr_worker.entry.consumers import add_consumers
from guichet.clock import SystemClock
from guichet.contracts.case_events import CaseDestroyed, CaseState
from guichet.contracts.privacy import CancelErasure
from guichet.contracts.topics import CASE_EVENTS, PRIVACY_REQUESTS, TOPICS
from guichet.errors import TransientError
from guichet.ids import AgentId, CaseId, DepartmentId, EventId, Reference, SectorId
from guichet.kafka.admin.topics import create_topics
from guichet.kafka.consume.worker import Worker
from guichet.kafka.dead_letters.publish import DeadLetters
from guichet.kafka.produce.producer import Producer, Record
from guichet.runtime.settings import HttpSettings, KafkaSettings
from guichet_testing.builders.signers import a_signer, a_verifier
from guichet_testing.real.broker import working
from guichet_testing.twins.vault import InMemoryVault
from guichet_testing.until import until

pytestmark = pytest.mark.real


def a_cancelling() -> Record:
    asked = CancelErasure(
        event_id=EventId("cancelling"),
        occurred_at=datetime.now(UTC),
        request_id="in-time",
        cancelled_by=AgentId("operator:1000"),
    )
    key, value = b"in-time", asked.model_dump_json().encode()
    signed = a_signer("guichet-cli").sign(PRIVACY_REQUESTS.name, key, value)
    return Record(PRIVACY_REQUESTS.name, key, value, signed.headers)


def a_destroyed_case() -> CaseDestroyed:
    return CaseDestroyed(
        event_id=EventId("destroyed"),
        occurred_at=datetime.now(UTC),
        case_id=CaseId("case-of-two-readings"),
        reference=Reference("2026-7F3K-29Q"),
        version=2,
        caused_by="request",
        sector=SectorId("general"),
        department=DepartmentId("voirie"),
        citizen=None,
        from_state=CaseState.CLOSED,
    )


async def test_who_cancels_an_erasure_in_time_is_heard_while_the_object_store_is_away(
    kafka_server: Any,
) -> None:
    kafka = KafkaSettings(kafka_bootstrap_servers=kafka_server.bootstrap_servers)
    await create_topics(kafka, topics=TOPICS)
    held_up: list[CaseId] = []
    cancelled: list[str] = []

    async def away(cases: Collection[CaseId]) -> None:
        held_up.extend(cases)
        raise TransientError("the object store is away")

    async def cancel(event: CancelErasure) -> None:
        cancelled.append(event.request_id)

    letters = DeadLetters(kafka, InMemoryVault(), service="gdpr-worker", now=SystemClock().now)
    worker = Worker("gdpr-worker", kafka, HttpSettings(), letters, verifier=a_verifier(), seen_after=timedelta(0))
    add_consumers(worker, record=AsyncMock(), cancel=cancel, remove=away)
    event = a_destroyed_case()
    producer = Producer(kafka, "tester", timeout=timedelta(seconds=8), linger=timedelta(0))
    async with working(worker), producer:
        await producer.send([Record(CASE_EVENTS.name, event.case_id.encode(), event.model_dump_json().encode())])
        await until(lambda: event.case_id in held_up)
        await producer.send([a_cancelling()])
        await until(lambda: "in-time" in cancelled)
