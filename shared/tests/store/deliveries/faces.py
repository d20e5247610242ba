"""Deliveries in memory and in MongoDB, and what the suites for both do with them."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from guichet.contracts.delivery import DeliveryState, Purpose
from guichet.ids import CaseId, MessageId
from guichet.mongo.client import Database, connect
from guichet.runtime.settings import MongoSettings
from guichet.store.deliveries.document import DeliveryDocument
from guichet.store.deliveries.store import COLLECTION, INDEXES, Deliveries, MongoDeliveries
from guichet_testing.twins.store.deliveries.store import InMemoryDeliveries

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
HOLD = timedelta(minutes=2)
S = DeliveryState
Lapse = Callable[[], Awaitable[None]]
"""Has every lease end, by the store's clock."""


def a_delivery(nth: int = 1, **changes: object) -> DeliveryDocument:
    values: dict[str, object] = {
        "_id": MessageId(f"outbound-{nth}"),
        "case_id": CaseId("case-1"),
        "purpose": Purpose.AEE,
        "channel": "sms",
        "lane": "twilio",
        "account": "+33199001200",
        "answers": MessageId("message-1"),
        "requested_at": NOW,
        "due_at": NOW,
        "changed_at": NOW,
        "overdue_at": NOW + timedelta(days=1),
    }
    return DeliveryDocument.model_validate({**values, **changes})


async def held(deliveries: Deliveries, now: datetime = NOW, token: str = "sender-1") -> DeliveryDocument:
    [found] = await claim(deliveries, now, token)
    return found


async def claim(
    deliveries: Deliveries, now: datetime = NOW, token: str = "sender-2", most: int = 1
) -> list[DeliveryDocument]:
    return await deliveries.claim("twilio", token, now, HOLD, most)


async def sending(deliveries: Deliveries, now: datetime = NOW, token: str = "sender-1") -> DeliveryDocument:
    """Claim, and be about to send."""
    found = await held(deliveries, now, token)
    assert await deliveries.begin([found], now, HOLD)
    return found


async def stored(deliveries: Deliveries, nth: int = 1) -> DeliveryDocument:
    wanted = MessageId(f"outbound-{nth}")
    [found] = [each for each in await deliveries.of_case(CaseId("case-1")) if each.outbound_id == wanted]
    return found


class InMemory:
    """The twin; its clock is moved."""

    @pytest.fixture
    def deliveries(self) -> Deliveries:
        return InMemoryDeliveries(lambda: self.now)

    @pytest.fixture
    def lapse(self) -> Lapse:
        self.now = NOW

        async def sleep() -> None:
            self.now += HOLD

        return sleep

    now = NOW


class OnMongo:
    """The real one; leases are moved back."""

    @pytest.fixture
    async def database(self, mongo_server, mongo_database) -> Database:
        database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
        for name, indexes in INDEXES.items():
            await database[name].create_indexes(indexes)
        return database

    @pytest.fixture
    def deliveries(self, database: Database) -> Deliveries:
        return MongoDeliveries(database)

    @pytest.fixture
    def lapse(self, database: Database) -> Lapse:
        async def sleep() -> None:
            earlier = {"$subtract": ["$held_until", int(HOLD.total_seconds() * 1000)]}
            await database[COLLECTION].update_many(
                {"held_until": {"$exists": True}}, [{"$set": {"held_until": earlier}}]
            )

        return sleep
