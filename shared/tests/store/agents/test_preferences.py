"""One suite for preferences, on the twin and on the real MongoDB."""

import pytest

from guichet.ids import AgentId
from guichet.mongo.client import connect
from guichet.runtime.settings import MongoSettings
from guichet.store.agents.preferences import MongoPreferences, Preference, Preferences
from guichet_testing.twins.store.agents.preferences import InMemoryPreferences

LEA, KARIM = AgentId("lea"), AgentId("karim")


class PreferencesSuite:
    async def test_who_said_nothing_has_what_everybody_has_and_the_last_word_holds(self, preferences: Preferences):
        assert (await preferences.of(LEA)).keys
        await preferences.put(Preference(_id=LEA, keys=False))
        assert [(await preferences.of(each)).keys for each in (LEA, KARIM)] == [False, True]
        await preferences.put(Preference(_id=LEA, keys=True))
        assert (await preferences.of(LEA)).keys


class TestInMemoryPreferences(PreferencesSuite):
    @pytest.fixture
    def preferences(self) -> Preferences:
        return InMemoryPreferences()


@pytest.mark.real
class TestMongoPreferences(PreferencesSuite):
    @pytest.fixture
    async def preferences(self, mongo_server, mongo_database) -> Preferences:
        return MongoPreferences(connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database)))
