from datetime import UTC, datetime, timedelta

import pytest
from aiokafka.structs import TopicPartition

from gdpr_worker.handlers import record_request, trim_topics
from guichet.contracts.privacy import ErasureRequested
from guichet.contracts.topics import CASE_EVENTS
from guichet.errors import TransientError
from guichet.ids import AgentId, CitizenId, EventId
from guichet.kafka.offsets import Lag
from guichet.testing.privacy_requests import InMemoryPrivacyRequestStore
from guichet.testing.publisher import InMemoryPublisher

NOW = datetime(2026, 5, 1, tzinfo=UTC)
ASKED = ErasureRequested(
    event_id=EventId("request-1"),
    occurred_at=NOW,
    citizen=CitizenId("citizen-1"),
    requested_by=AgentId("dpo"),
    decision="DPO-2026-014",
)
PLACE = TopicPartition("case-events", 0)


async def test_a_request_is_kept_then_announced_and_a_replay_changes_nothing():
    requests, publisher = InMemoryPrivacyRequestStore(), InMemoryPublisher()
    await record_request(ASKED, requests=requests, publisher=publisher)
    await record_request(ASKED, requests=requests, publisher=publisher)
    assert len(requests.requests) == 1
    assert {publication.event.event_id for publication in publisher.published} == {
        publisher.published[0].event.event_id
    }
    assert publisher.published[0].event.request_id == "request-1"


async def test_a_request_is_kept_although_the_broker_is_away():
    requests, publisher = InMemoryPrivacyRequestStore(), InMemoryPublisher()
    publisher.away = True
    with pytest.raises(TransientError):
        await record_request(ASKED, requests=requests, publisher=publisher)
    assert await requests.find(EventId("request-1"))


class SomeOffsets:
    """Ten records; those before offset 6 are older than any retention."""

    def __init__(self, committed: int | None) -> None:
        self.committed = committed
        self.asked_since: datetime | None = None
        self.deleted: dict[TopicPartition, int] = {}

    async def partitions(self, topics):
        return [PLACE]

    async def lags(self, topics):
        return [Lag("notifier", PLACE.topic, PLACE.partition, self.committed, 0, 10)]

    async def begins(self, places):
        return {PLACE: 0}

    async def ends(self, places):
        return {PLACE: 10}

    async def first_since(self, places, moment):
        self.asked_since = moment
        return {PLACE: 6}

    async def delete_before(self, offsets):
        self.deleted |= offsets


async def test_a_round_deletes_what_the_plan_says_and_counts_it():
    offsets = SomeOffsets(committed=8)
    assert await trim_topics([CASE_EVENTS], offsets=offsets, clock=lambda: NOW) == 6
    assert offsets.deleted == {PLACE: 6}
    assert offsets.asked_since == NOW - timedelta(days=30)


async def test_a_router_or_notifier_that_is_behind_loses_nothing():
    offsets = SomeOffsets(committed=None)
    assert await trim_topics([CASE_EVENTS], offsets=offsets, clock=lambda: NOW) == 0
    assert offsets.deleted == {}
