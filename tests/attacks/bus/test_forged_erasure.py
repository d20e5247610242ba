"""Requests to erase somebody, written by whoever may not: gdpr-worker's own reading on the real broker enters none."""

from datetime import timedelta
from functools import partial
from typing import Any
from unittest.mock import AsyncMock

import pytest

from gdpr_worker.entry.consumers import add_consumers
from gdpr_worker.handlers.record_requests import cancel_erasure, record_request
from guichet.clock import SystemClock
from guichet.contracts.privacy import CancelErasure, ErasureRequested
from guichet.contracts.topics import PRIVACY_REQUESTS, TOPICS
from guichet.ids import AgentId, CitizenId, EventId
from guichet.kafka.admin.topics import create_topics
from guichet.kafka.consume.worker import Worker
from guichet.kafka.dead_letters.publish import DeadLetters
from guichet.kafka.produce.producer import Producer, Record
from guichet.privacy.signing.records import Signer
from guichet.runtime.settings import HttpSettings, KafkaSettings
from guichet.vault.erasure_ledger.entry import ErasureStep
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.signers import a_signer, a_verifier
from guichet_testing.real.broker import working
from guichet_testing.twins.erasure_ledger import InMemoryErasureLedger
from guichet_testing.twins.publisher import InMemoryPublisher
from guichet_testing.twins.vault import InMemoryVault
from guichet_testing.until import until

pytestmark = pytest.mark.real

FORGED = ("unsigned", "by-an-attacker", "by-the-portal", "by-the-desk", "moved", "another")
OURS = {*FORGED, "true", "also-true"}


def a_request(name: str, signer: Signer | None) -> Record:
    asked = ErasureRequested(
        event_id=EventId(name),
        occurred_at=ARRIVED,
        citizen=CitizenId("c1"),
        requested_by=AgentId("operator:1000"),
        decision="D",
    )
    key, value = name.encode(), asked.model_dump_json().encode()
    headers = signer.sign(PRIVACY_REQUESTS.name, key, value).headers if signer else ()
    return Record(PRIVACY_REQUESTS.name, key, value, headers)


def a_cancelling(request: str, signer: Signer) -> Record:
    asked = CancelErasure(
        event_id=EventId("cancelling"), occurred_at=ARRIVED, request_id=request, cancelled_by=AgentId("operator:1000")
    )
    key, value = request.encode(), asked.model_dump_json().encode()
    return Record(PRIVACY_REQUESTS.name, key, value, signer.sign(PRIVACY_REQUESTS.name, key, value).headers)


async def test_a_forged_request_has_nobody_erased(kafka_server: Any) -> None:
    """One partition: once the true one that comes last is entered, the forged ones were all refused."""
    kafka = KafkaSettings(kafka_bootstrap_servers=kafka_server.bootstrap_servers)
    await create_topics(kafka, topics=TOPICS)
    ledger, vault = InMemoryErasureLedger(), InMemoryVault()
    letters = DeadLetters(kafka, vault, service="gdpr-worker", now=SystemClock().now)
    worker = Worker("gdpr-worker", kafka, HttpSettings(), letters, verifier=a_verifier(), seen_after=timedelta(0))
    add_consumers(
        worker,
        record=partial(record_request, ledger=ledger, publisher=InMemoryPublisher(), wake=lambda: None),
        cancel=partial(cancel_erasure, ledger=ledger, tag=str, clock=lambda: ARRIVED),
        remove=AsyncMock(),
    )
    command = a_signer("guichet-cli")
    moved = a_request("moved", command)
    requests = [
        a_request("unsigned", None),
        a_request("by-an-attacker", a_signer("an attacker")),
        a_request("by-the-portal", a_signer("citizen-portal")),
        a_request("by-the-desk", a_signer("agent-desk")),
        Record(moved.topic, b"another", moved.value.replace(b"moved", b"another"), moved.headers),
        a_request("true", command),
        a_cancelling("true", a_signer("agent-desk")),
        a_request("also-true", command),
    ]
    producer = Producer(kafka, "attacker", timeout=timedelta(seconds=8), linger=timedelta(0))
    async with working(worker), producer:
        await producer.send(requests)
        await until(lambda: EventId("also-true") in ledger.entries, seconds=30)
    entered = {name: entry for name, entry in ledger.entries.items() if name in OURS}  # others share the broker
    assert set(entered) == {"true", "also-true"}, "a forged request is worked on: a citizen will be erased"
    assert {entry.step for entry in entered.values()} == {ErasureStep.RECORDED}, "a forged cancelling stops one"
