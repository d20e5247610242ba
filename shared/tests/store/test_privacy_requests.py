from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from guichet.contracts.privacy import ErasureRequested
from guichet.ids import AgentId, CitizenId, EventId
from guichet.runtime.settings import MongoSettings
from guichet.store.client import connect
from guichet.store.privacy_requests import MongoPrivacyRequestStore, PrivacyRequest, PrivacyRequestStore
from guichet.testing.privacy_requests import InMemoryPrivacyRequestStore


def a_request(decision: str = "DPO-2026-014") -> PrivacyRequest:
    return PrivacyRequest.of(
        ErasureRequested(
            event_id=EventId("request-1"),
            occurred_at=datetime(2026, 5, 1, tzinfo=UTC),
            citizen=CitizenId("citizen-1"),
            requested_by=AgentId("dpo"),
            decision=decision,
        )
    )


class PrivacyRequestStoreSuite:
    async def test_a_request_is_found_again(self, requests: PrivacyRequestStore) -> None:
        await requests.add(a_request())
        assert await requests.find(EventId("request-1")) == a_request()

    async def test_the_first_request_under_an_id_stands(self, requests: PrivacyRequestStore) -> None:
        await requests.add(a_request())
        await requests.add(a_request(decision="another"))
        assert await requests.find(EventId("request-1")) == a_request()

    async def test_an_unknown_request_is_none(self, requests: PrivacyRequestStore) -> None:
        assert await requests.find(EventId("never")) is None


class TestInMemoryPrivacyRequestStore(PrivacyRequestStoreSuite):
    @pytest.fixture
    def requests(self) -> PrivacyRequestStore:
        return InMemoryPrivacyRequestStore()


@pytest.mark.real
class TestMongoPrivacyRequestStore(PrivacyRequestStoreSuite):
    @pytest.fixture
    async def requests(self, mongo_server, mongo_database) -> AsyncIterator[PrivacyRequestStore]:
        settings = MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database)
        database = connect(settings)
        yield MongoPrivacyRequestStore(database)
        database.client.close()
