from datetime import UTC, datetime

import pytest

from gdpr_worker.handlers import record_request
from guichet.contracts.privacy import ErasureRequested
from guichet.errors import TransientError
from guichet.ids import AgentId, CitizenId, EventId
from guichet.testing.erasures import InMemoryErasureLedger
from guichet.testing.publisher import InMemoryPublisher

NOW = datetime(2026, 5, 1, tzinfo=UTC)
ASKED = ErasureRequested(
    event_id=EventId("request-1"),
    occurred_at=NOW,
    citizen=CitizenId("citizen-1"),
    requested_by=AgentId("dpo"),
    decision="DPO-2026-014",
)


async def test_a_request_is_kept_then_announced_and_a_replay_changes_nothing():
    ledger, publisher = InMemoryErasureLedger(), InMemoryPublisher()
    await record_request(ASKED, ledger=ledger, publisher=publisher, wake=lambda: None)
    await record_request(ASKED, ledger=ledger, publisher=publisher, wake=lambda: None)
    assert len(ledger.entries) == 1
    assert {publication.event.event_id for publication in publisher.published} == {
        publisher.published[0].event.event_id
    }
    assert publisher.published[0].event.request_id == "request-1"


async def test_a_request_is_kept_although_the_broker_is_away():
    ledger, publisher = InMemoryErasureLedger(), InMemoryPublisher()
    publisher.away = True
    with pytest.raises(TransientError):
        await record_request(ASKED, ledger=ledger, publisher=publisher, wake=lambda: None)
    assert await ledger.find(EventId("request-1"))
