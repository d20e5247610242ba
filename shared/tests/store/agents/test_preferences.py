"""One suite for preferences, on the twin and on the real MongoDB."""

from datetime import UTC, datetime, timedelta

import pytest

from guichet.ids import AgentId
from guichet.mongo.client import connect
from guichet.runtime.settings import MongoSettings
from guichet.store.agents.preferences import MailWish, MongoPreferences, Preference, Preferences
from guichet_testing.twins.store.agents.preferences import InMemoryPreferences

LEA, KARIM, PAUL = AgentId("lea"), AgentId("karim"), AgentId("paul")
NOW, HOUR = datetime(2026, 5, 5, 10, tzinfo=UTC), timedelta(hours=1)
LATER = NOW + HOUR


class PreferencesSuite:
    async def test_who_said_nothing_has_what_everybody_has_and_the_last_word_holds(self, preferences: Preferences):
        assert (await preferences.of(LEA)).keys
        await put(preferences, Preference(_id=LEA, keys=False))
        assert [(await preferences.of(each)).keys for each in (LEA, KARIM)] == [False, True]
        await put(preferences, Preference(_id=LEA, keys=True))
        assert (await preferences.of(LEA)).keys

    async def test_mails_leave_to_who_wants_them_until_one_is_refused(self, preferences: Preferences):
        wanting = Preference(_id=LEA).with_mails(MailWish.MORNING, "en", NOW)
        await put(preferences, wanting)
        await put(preferences, Preference(_id=KARIM, keys=False))
        assert await preferences.written_to() == [wanting]
        for agent in (LEA, KARIM, PAUL):
            await preferences.note_refused(agent, LATER)
        assert await preferences.written_to() == []
        refused = await preferences.of(LEA)
        assert refused.mails_refused_at == LATER
        assert (await preferences.of(KARIM)).mails_refused_at is None
        again = refused.with_mails(MailWish.SOON, "fr", LATER)
        await put(preferences, again)
        assert [each.mails_since for each in await preferences.written_to()] == [LATER]
        assert again.with_mails(MailWish.MORNING, "fr", LATER + HOUR).mails_since == LATER, "they were wanted all along"
        await put(preferences, again.with_mails(MailWish.NEVER, "fr", LATER))
        assert await preferences.written_to() == []

    async def test_what_was_refused_while_somebody_chose_is_not_lost(self, preferences: Preferences):
        wanting = Preference(_id=LEA).with_mails(MailWish.SOON, "fr", NOW)
        await put(preferences, wanting)
        await preferences.note_refused(LEA, LATER)
        same = wanting.with_mails(MailWish.SOON, "fr", LATER).model_copy(update={"keys": False})
        await preferences.put(same, over=wanting)
        assert await preferences.of(LEA) == same.model_copy(update={"mails_refused_at": LATER})
        await preferences.put(same, over=same)
        assert (await preferences.of(LEA)).mails_refused_at == LATER


async def put(preferences: Preferences, wanted: Preference) -> None:
    await preferences.put(wanted, over=await preferences.of(wanted.agent))


class TestInMemoryPreferences(PreferencesSuite):
    @pytest.fixture
    def preferences(self) -> Preferences:
        return InMemoryPreferences()


@pytest.mark.real
class TestMongoPreferences(PreferencesSuite):
    @pytest.fixture
    async def preferences(self, mongo_server, mongo_database) -> Preferences:
        return MongoPreferences(connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database)))
