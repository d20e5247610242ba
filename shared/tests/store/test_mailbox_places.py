"""One suite for how far mailboxes have been read, on the twin and on the real MongoDB."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import MagicMock

import pytest

from guichet.contracts.topics import INBOUND_EMAIL, INBOUND_SMS, INBOUND_SOCIAL, INBOUND_THIRD_PARTY
from guichet.errors import SettingsError, TransientError
from guichet.mongo.client import Database
from guichet.mongo.lease import TakenError
from guichet.store.mailbox_places import (
    COLLECTION,
    MailboxPlaces,
    MongoMailboxPlaces,
    Place,
    PlacesNotLent,
    places_lent_for,
)
from guichet.store.setup.roles import read_roles, roles_in
from guichet_testing.twins.store.mailbox_places import InMemoryMailboxPlaces

AT = datetime(2026, 12, 1, tzinfo=UTC)
CONTACT = "contact: contact@mairie.example INBOX"
FIRST = Place(validity=7, uid=0, floor=AT)


class MailboxPlacesSuite:
    async def test_nobody_has_looked_at_first(self, places: MailboxPlaces):
        assert await places.find(CONTACT) is None
        assert await places.token(CONTACT) is None

    async def test_a_place_advances_and_is_never_taken_back(self, places: MailboxPlaces):
        await places.begin(CONTACT, FIRST, None)
        assert await places.find(CONTACT) == FIRST
        later = AT + timedelta(hours=1)
        for uid, newest in ((5, later), (3, AT), (9, None)):
            await places.advance(CONTACT, replace(FIRST, uid=uid, newest=newest))
        assert await places.find(CONTACT) == Place(7, 9, AT, later)
        assert await places.find("voirie") is None

    async def test_a_new_count_takes_the_place_of_the_old_one_alone(self, places: MailboxPlaces):
        await places.begin(CONTACT, FIRST, None)
        rebuilt = Place(validity=8, uid=0, floor=AT - timedelta(days=30), newest=AT)
        await places.begin(CONTACT, rebuilt, FIRST)
        await places.advance(CONTACT, replace(FIRST, uid=100))
        assert await places.find(CONTACT) == rebuilt, "a process that still counts as before moved the place"

    @pytest.mark.parametrize("instead_of", [None, replace(FIRST, validity=6)])
    async def test_who_comes_second_begins_nothing(self, places: MailboxPlaces, instead_of: Place | None):
        await places.begin(CONTACT, FIRST, None)
        with pytest.raises(TransientError):
            await places.begin(CONTACT, replace(FIRST, validity=8), instead_of)
        assert await places.find(CONTACT) == FIRST

    async def test_what_signs_in_is_kept_before_and_after_a_place_is_known(self, places: MailboxPlaces):
        await places.keep_token(CONTACT, b"sealed")
        assert await places.find(CONTACT) is None
        await places.begin(CONTACT, FIRST, None)
        assert await places.token(CONTACT) == b"sealed"
        await places.keep_token(CONTACT, b"renewed")
        assert (await places.token(CONTACT), await places.find(CONTACT)) == (b"renewed", FIRST)

    async def test_one_process_at_a_time_reads_a_mailbox_and_another_the_next(self, places: MailboxPlaces):
        async with places.leading(CONTACT) as held, places.leading("voirie") as other:
            await held.keep()
            await other.keep()
            with pytest.raises(TakenError):
                async with places.leading(CONTACT):
                    pass
        async with places.leading(CONTACT):
            assert await places.find(CONTACT) is None


class TestInMemoryMailboxPlaces(MailboxPlacesSuite):
    @pytest.fixture
    def places(self) -> MailboxPlaces:
        return InMemoryMailboxPlaces()


@pytest.mark.real
class TestMongoMailboxPlaces(MailboxPlacesSuite):
    @pytest.fixture
    def places(self, database: Database) -> MailboxPlaces:
        return MongoMailboxPlaces(database)


ROLES = read_roles(Path(__file__).parents[3] / "deploy" / "mongodb" / "roles.json")
HOSTS = {
    "ingest-email": INBOUND_EMAIL,
    "ingest-sms": INBOUND_SMS,
    "ingest-social": INBOUND_SOCIAL,
    "ingest-pigeon": INBOUND_THIRD_PARTY,
}


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_is_lent_what_its_user_has_a_right_on_and_nothing_else(host: str):
    has_rights = f"guichet.{COLLECTION}" in ROLES[roles_in(["ingest-pigeon"])[host]]
    lent = places_lent_for(HOSTS[host], MagicMock())
    assert isinstance(lent, MongoMailboxPlaces) == has_rights
    assert isinstance(lent, PlacesNotLent) != has_rights


async def test_what_is_not_lent_ends_in_a_sentence():
    places = PlacesNotLent()
    with pytest.raises(SettingsError, match="contact: how far a mailbox has been read"):
        places.leading("contact")
    for asked in (places.find("contact"), places.token("contact"), places.keep_token("contact", b"")):
        with pytest.raises(SettingsError):
            await asked
    for asked in (places.begin("contact", FIRST, None), places.advance("contact", FIRST)):
        with pytest.raises(SettingsError):
            await asked
