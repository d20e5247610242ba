"""One suite for tries to sign in and for the places of agents, on the twins and on the real MongoDB."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.mongo.client import connect
from guichet.runtime.settings import MongoSettings
from guichet.store.agents.sign_in_places import MongoSignInPlaces, SignInPlaces
from guichet.store.agents.sign_in_tries import CLOCKS_DIFFER, DATA_MAP, LONGEST, Limit, MongoSignInTries, SignInTries
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


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, int(CLOCKS_DIFFER.total_seconds()))), max_size=60))
def test_a_clock_that_is_set_back_gives_a_guesser_no_try_more(tries: list[tuple[int, int]]):
    """Each try: so many seconds after the one before, while the clock was set back by so many."""
    empty_at, real, back, heard = None, ARRIVED, timedelta(0), []
    for later, set_back in tries:
        real, back = real + timedelta(seconds=later), back + timedelta(seconds=set_back)
        if LIMIT.pause(empty_at, real - back) is None:
            heard.append(real)
        empty_at = LIMIT.filled(empty_at, real - back)
    for begins, first in enumerate(heard):
        for number, last in enumerate(heard[begins:], 1):
            assert number <= LIMIT.tries + (last - first) / LIMIT.regained_every


@given(
    st.integers(0, int(CLOCKS_DIFFER.total_seconds())),
    st.lists(st.tuples(st.integers(0, 200), st.booleans()), max_size=60),
)
def test_two_clocks_that_differ_give_a_guesser_one_bucket_more_and_no_other(ahead: int, tries: list[tuple[int, bool]]):
    """Each try: so many seconds after the one before, by the clock that is ahead or by the other."""
    empty_at, real, heard = None, ARRIVED, []
    for later, is_ahead in tries:
        real += timedelta(seconds=later)
        now = real + timedelta(seconds=ahead * is_ahead)
        if LIMIT.pause(empty_at, now) is None:
            heard.append(real)
        empty_at = LIMIT.filled(empty_at, now)
    if heard:
        assert len(heard) <= 2 * LIMIT.tries + (heard[-1] - heard[0]) / LIMIT.regained_every


@given(st.timedeltas(timedelta(days=-400), timedelta(days=400)), st.integers(0, 6))
def test_whatever_the_clock_said_nobody_waits_for_long(moved: timedelta, tries: int):
    empty_at = None
    for _ in range(tries):
        empty_at = LIMIT.filled(empty_at, ARRIVED + moved)
    assert (LIMIT.pause(empty_at, ARRIVED) or timedelta(0)) <= LIMIT.regained_every + CLOCKS_DIFFER


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

    async def test_tries_of_a_day_to_come_count_as_none(self, tries: SignInTries):
        for _ in range(5):
            await tries.count("a", LIMIT, ARRIVED + 15 * DAY)
        assert [await tries.count("a", LIMIT, ARRIVED) for _ in range(3)] == [None, None, None]
        assert await tries.count("a", LIMIT, ARRIVED) == timedelta(minutes=1)

    async def test_tries_of_a_clock_that_is_ahead_count_by_that_clock(self, tries: SignInTries):
        ahead = ARRIVED + CLOCKS_DIFFER
        for _ in range(3):
            await tries.count("a", LIMIT, ahead)
        for _ in range(3):
            assert await tries.count("a", LIMIT, ARRIVED) == CLOCKS_DIFFER + timedelta(minutes=1)
        assert await tries.count("a", LIMIT, ahead) == timedelta(minutes=1)

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
