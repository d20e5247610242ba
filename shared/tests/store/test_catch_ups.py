"""One suite for how far adapters have caught up, on the twin and on the real MongoDB."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import MagicMock

import pytest

from guichet.contracts.delivery import DeliveryState
from guichet.contracts.topics import INBOUND_EMAIL, INBOUND_SMS, INBOUND_SOCIAL, INBOUND_THIRD_PARTY
from guichet.ids import MessageId
from guichet.mongo.client import Database
from guichet.mongo.lease import TakenError
from guichet.store.catch_ups import (
    COLLECTION,
    TAKEN_IN,
    CatchUps,
    MongoCatchUps,
    NotLent,
    SentMessage,
    lent_for,
)
from guichet.store.catch_ups import (
    SENT as SENT_VIEW,
)
from guichet.store.setup.roles import read_roles, roles_in
from guichet_testing.twins.store.catch_ups import InMemoryCatchUps

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LISTING = "messages to +33700000000"
FILED, SENT = MessageId("f" * 32), SentMessage(MessageId("0" * 32), DeliveryState.SENT)


class CatchUpsSuite:
    async def test_nobody_has_looked_at_first(self, catch_ups: CatchUps):
        assert await catch_ups.until(LISTING) is None

    async def test_a_cursor_is_kept_and_never_taken_back(self, catch_ups: CatchUps):
        for at in (AT, AT + timedelta(hours=1), AT):
            await catch_ups.advance(LISTING, at)
        assert await catch_ups.until(LISTING) == AT + timedelta(hours=1)
        assert await catch_ups.until("another") is None

    async def test_one_process_at_a_time_leads(self, catch_ups: CatchUps):
        async with catch_ups.leading("twilio") as held:
            await held.keep()
            with pytest.raises(TakenError):
                async with catch_ups.leading("twilio"):
                    pass
        async with catch_ups.leading("twilio"):
            pass

    async def test_whoever_catches_up_with_a_provider_keeps_nobody_from_another(self, catch_ups: CatchUps):
        async with catch_ups.leading("twilio") as held, catch_ups.leading("loft") as other:
            await held.keep()
            await other.keep()

    async def test_what_is_filed_is_told_from_what_is_not(self, catch_ups: CatchUps):
        assert await catch_ups.taken_in([FILED, MessageId("e" * 32)]) == {FILED}
        assert await catch_ups.taken_in([]) == set()

    async def test_a_message_that_left_is_found_by_the_provider_s_id(self, catch_ups: CatchUps):
        assert await catch_ups.sent(["SM1", "SM2"]) == {"SM1": SENT}


class TestInMemoryCatchUps(CatchUpsSuite):
    @pytest.fixture
    def catch_ups(self) -> CatchUps:
        catch_ups = InMemoryCatchUps()
        catch_ups.there.add(FILED)
        catch_ups.told["SM1"] = SENT
        return catch_ups


@pytest.mark.real
class TestMongoCatchUps(CatchUpsSuite):
    @pytest.fixture
    async def catch_ups(self, database: Database) -> CatchUps:
        await database["messages"].insert_one({"_id": FILED, "content": "sealed"})
        await database["deliveries"].insert_one({"_id": SENT.outbound_id, "provider_id": "SM1", "state": "sent"})
        return MongoCatchUps(database)


ROLES = read_roles(Path(__file__).parents[3] / "deploy" / "mongodb" / "roles.json")
HOSTS = {
    "ingest-email": INBOUND_EMAIL,
    "ingest-sms": INBOUND_SMS,
    "ingest-social": INBOUND_SOCIAL,
    "ingest-pigeon": INBOUND_THIRD_PARTY,
}


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_is_lent_what_its_user_has_a_right_on_and_nothing_else(host: str):
    places = {f"guichet.{name}" for name in (COLLECTION, TAKEN_IN.name, SENT_VIEW.name)}
    has_rights = places <= set(ROLES[roles_in(["ingest-pigeon"])[host]])
    lent = lent_for(HOSTS[host], MagicMock())
    assert isinstance(lent, MongoCatchUps) == has_rights
    assert isinstance(lent, NotLent) != has_rights
