"""What agents who left have in the store is found and removed by who they are, and nobody else's is."""

import pytest

from guichet.contracts.base import Sealed
from guichet.ids import AgentId
from guichet.mongo.client import Database, connect
from guichet.mongo.prepare import make_views
from guichet.runtime.settings import MongoSettings
from guichet.store.agents.accounts import AgentAccount, MongoAgentAccounts, SecondFactor
from guichet.store.agents.leavers import VIEWS, MongoLeftBehind
from guichet.store.agents.preferences import MongoPreferences, Preference
from guichet.store.saved_answers import MongoSavedAnswers, SavedAnswer
from guichet.store.saved_views import MongoSavedViews, SavedView
from guichet_testing.builders.case import ARRIVED

BY_ACCOUNT, BY_PROVIDER, AT_WORK, UNKNOWN = (AgentId(name) for name in ("lea", "max", "zoe", "nobody"))
LEFT = (BY_ACCOUNT, BY_PROVIDER, UNKNOWN)


class TestMongoLeftBehind:
    @pytest.fixture
    def database(self, mongo_server, mongo_database) -> Database:
        return connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))

    async def test_it_is_found_and_removed_by_whose_it_is(self, database: Database):
        await make_views(database, VIEWS)
        for agent in (BY_ACCOUNT, AT_WORK):
            secret = Sealed(key_id=f"key-of-{agent}", box=b"box")
            factor = SecondFactor(secret=secret, enrolled_at=ARRIVED, last_step=1, recovery_salt=b"s", recovery=())
            account = AgentAccount(_id=agent, password_hash="$argon2id$", created_at=ARRIVED, second_factor=factor)
            await MongoAgentAccounts(database).insert_missing([account])
            await MongoPreferences(database).put(Preference(_id=agent, keys=False), over=Preference(_id=agent))
        for agent in (BY_PROVIDER, AT_WORK):
            own = {"owner": agent, "changed_at": ARRIVED, "changed_by": agent}
            sealed = Sealed(key_id=f"words-of-{agent}", box=b"box")
            await MongoSavedAnswers(database).insert(SavedAnswer(_id=f"answer-of-{agent}", words=sealed, **own))
            await MongoSavedViews(database).put(SavedView(_id=f"view-of-{agent}", list=sealed, **own))
        left_behind = MongoLeftBehind(database)
        assert await left_behind.whose(LEFT) == {BY_ACCOUNT, BY_PROVIDER}
        assert await left_behind.secrets_of(LEFT) == ["key-of-lea"]
        assert {*(await left_behind.remove(LEFT, ARRIVED)).values()} == {1}
        assert await left_behind.whose(LEFT) == frozenset()
        assert await left_behind.whose([AT_WORK]) == {AT_WORK}
        assert len(await MongoSavedAnswers(database).of(AT_WORK, ())) == 1

    async def test_an_account_that_nobody_can_read_is_removed_like_any(self, database: Database):
        await make_views(database, VIEWS)
        await database["agents"].insert_one({"_id": BY_ACCOUNT, "second_factor": {"secret": "?"}})
        left_behind = MongoLeftBehind(database)
        assert await left_behind.whose(LEFT) == {BY_ACCOUNT}
        assert await left_behind.secrets_of(LEFT) == []
        assert (await left_behind.remove(LEFT, ARRIVED))["agents"] == 1

    async def test_without_the_view_that_tells_their_keys_accounts_stay(self, database: Database):
        await database["agents"].insert_one({"_id": BY_ACCOUNT})
        assert (await MongoLeftBehind(database).remove(LEFT, ARRIVED))["agents"] == 0
        assert await database["agents"].count_documents({}) == 1
