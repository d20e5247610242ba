"""One suite for tries to sign in and for the places of agents, on the twins and on the real MongoDB."""

import asyncio
from datetime import timedelta

import pytest

from guichet.mongo.client import connect
from guichet.runtime.settings import MongoSettings
from guichet.store.agents.sign_in_places import MongoSignInPlaces, SignInPlaces
from guichet.store.agents.sign_in_tries import DATA_MAP, LONGEST, Limit, MongoSignInTries, SignInTries
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.agents.sign_in_places import InMemorySignInPlaces
from guichet_testing.twins.store.agents.sign_in_tries import InMemorySignInTries

LIMIT = Limit(3, timedelta(minutes=3))
ODD = timedelta(microseconds=123_456)  # MongoDB keeps milliseconds
DAY = timedelta(days=1)


def test_no_limit_rests_longer_than_the_data_map_says():
    [rule] = DATA_MAP[0].retention
    assert rule.phrase.english == "until the limit is empty: a day at most"
    assert Limit(1, LONGEST).filled(None, ARRIVED) == ARRIVED + timedelta(days=1)
    with pytest.raises(ValueError, match="the data map says"):
        Limit(1, LONGEST + timedelta(seconds=1))


class SignInTriesSuite:
    async def test_so_many_at_once_then_one_at_a_time(self, tries: SignInTries):
        now = ARRIVED + ODD
        assert [await tries.count("a", LIMIT, now) for _ in range(3)] == [None, None, None]
        assert await tries.count("a", LIMIT, now) == timedelta(minutes=1)
        assert await tries.count("a", LIMIT, now + timedelta(seconds=59)) == timedelta(seconds=1)
        assert await tries.count("a", LIMIT, now + timedelta(minutes=1)) is None
        assert await tries.count("a", LIMIT, now + timedelta(minutes=1)) == timedelta(minutes=1)
        assert await tries.count("b", LIMIT, now) is None

    async def test_after_the_window_there_is_all_the_room_again(self, tries: SignInTries):
        for _ in range(5):
            await tries.count("a", LIMIT, ARRIVED)
        later = ARRIVED + LIMIT.window
        assert [await tries.count("a", LIMIT, later) for _ in range(3)] == [None, None, None]

    async def test_a_try_that_was_none_leaves_its_room(self, tries: SignInTries):
        for _ in range(3):
            await tries.count("a", LIMIT, ARRIVED)
        await tries.take_back("a", LIMIT)
        await tries.take_back("never", LIMIT)
        assert await tries.count("a", LIMIT, ARRIVED) is None
        assert await tries.count("a", LIMIT, ARRIVED) is not None

    async def test_tries_made_at_once_are_counted_one_by_one(self, tries: SignInTries):
        heard = await asyncio.gather(*(tries.count("a", LIMIT, ARRIVED) for _ in range(20)))
        assert heard.count(None) == 3

    async def test_what_has_no_limit_is_numbered_also_at_once(self, tries: SignInTries):
        assert [await tries.tally("a", ARRIVED + DAY) for _ in range(2)] == [1, 2]
        at_once = await asyncio.gather(*(tries.tally("b", ARRIVED + DAY) for _ in range(20)))
        assert sorted(at_once) == [*range(1, 21)]
        assert [await tries.tallied(key) for key in ("a", "b", "c")] == [2, 20, 0]


class SignInPlacesSuite:
    async def test_a_place_is_known_until_its_time_is_over(self, places: SignInPlaces):
        await places.remember(["home", "browser"], ARRIVED + DAY)
        await places.remember(["home"], ARRIVED + 2 * DAY)
        await places.remember(["home"], ARRIVED + DAY)
        assert await places.known(["home", "browser", "elsewhere"], ARRIVED) == {"home", "browser"}
        assert await places.known(["home", "browser"], ARRIVED + DAY) == {"home"}
        assert await places.known([], ARRIVED) == frozenset()


class TestInMemorySignInTries(SignInTriesSuite):
    @pytest.fixture
    def tries(self) -> SignInTries:
        return InMemorySignInTries()


class TestInMemorySignInPlaces(SignInPlacesSuite):
    @pytest.fixture
    def places(self) -> SignInPlaces:
        return InMemorySignInPlaces()


@pytest.mark.real
class TestMongoSignInTries(SignInTriesSuite):
    @pytest.fixture
    async def tries(self, mongo_server, mongo_database) -> SignInTries:
        return MongoSignInTries(connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database)))


@pytest.mark.real
class TestMongoSignInPlaces(SignInPlacesSuite):
    @pytest.fixture
    async def places(self, mongo_server, mongo_database) -> SignInPlaces:
        return MongoSignInPlaces(connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database)))
