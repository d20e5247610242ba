"""Mails of one thread are one case: in any order, in any batches, with two routers, killed at any step, done twice.

The routers run on twins that give way to each other before every call, and fail when told to: what real stores do in a
thousand runs by chance happens here in each.
"""

import asyncio
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from case_router.app import mongo_stores
from guichet.case.history import HistoryEntry
from guichet.case.record import CaseRecord
from guichet.clock import SystemClock
from guichet.ids import CaseId
from guichet.mongo.client import Database, connect
from guichet.runtime.settings import MongoSettings
from guichet.store.setup.schema import prepare
from tests.replay.corpus import CorpusMaker
from tests.replay.two_routers import ROUTER_KEYS, Found, TwoRouters, arrivals, by_two_routes, queues

pytestmark = pytest.mark.timeout(480)  # half a minute alone: many orders, each played twice


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 10**6),
    size=st.integers(2, 40),
    batch=st.integers(1, 25),
    failures=st.sampled_from([0.0, 0.0, 0.02, 0.1]),
)
def test_in_any_order(seed: int, size: int, batch: int, failures: float) -> None:
    async def play() -> None:
        chance = random.Random(seed)
        town = TwoRouters(chance, failures)
        events, threads = await arrivals(town.vault, CorpusMaker(seed).make(size))
        chance.shuffle(events)
        await town.run(queues(events), batch)
        town.check(threads)
        chance.shuffle(events)
        before = town.found()
        await town.run(queues(events), batch)
        town.check(threads)
        assert town.found() == before

    asyncio.run(play())


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6), count=st.integers(1, 5), batch=st.integers(1, 6))
def test_a_root_that_comes_late_splits_no_thread(seed: int, count: int, batch: int) -> None:
    """The answer's own anchor is there, since a stranger quoted it, and the root's is not."""

    async def play() -> None:
        chance = random.Random(seed)
        town = TwoRouters(chance)
        events, threads = await arrivals(town.vault, CorpusMaker(seed).make_triples(count))
        chance.shuffle(events)
        await town.run(queues(events), batch)
        town.check(threads)

    asyncio.run(play())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6), size=st.integers(2, 30), batch=st.integers(1, 12))
def test_a_router_that_was_thought_dead_doubles_nothing(seed: int, size: int, batch: int) -> None:
    """Both work on everything at once, as after a pause longer than the session."""

    async def play() -> None:
        chance = random.Random(seed)
        town = TwoRouters(chance, failures=0.02)
        events, threads = await arrivals(town.vault, CorpusMaker(seed).make(size))
        chance.shuffle(events)
        every = [event for _, event in events]
        await town.run([every, every], batch)
        town.check(threads)

    asyncio.run(play())


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 10**6),
    size=st.integers(1, 12),
    batch=st.integers(1, 12),
    failures=st.sampled_from([0.0, 0.02, 0.1]),
    both=st.booleans(),
)
def test_what_two_routes_bring_one_of_them_with_a_banner_is_one_message(
    seed: int, size: int, batch: int, failures: float, both: bool
) -> None:
    """In any order, at once by two routers, killed anywhere, and all of it again."""

    async def play() -> None:
        chance = random.Random(seed)
        town = TwoRouters(chance, failures)
        events, threads = await by_two_routes(town.vault, CorpusMaker(seed).make_single(size))

        def shared_out(these: Any) -> Any:
            return [[event for _, event in these]] * 2 if both else queues(these)

        chance.shuffle(events)
        await town.run(shared_out(events), batch)
        town.check_copies(threads)
        before = town.found()
        chance.shuffle(events)
        await town.run(shared_out(events), batch)
        assert town.found() == before
        town.check_copies(threads)

    asyncio.run(play())


async def test_the_whole_corpus() -> None:
    town = TwoRouters(random.Random(1))
    letters = CorpusMaker(seed=20261124).make(1000)
    assert len({letter.number for letter in letters}) == 1000
    events, threads = await arrivals(town.vault, letters)
    random.Random(2).shuffle(events)
    await town.run(queues(events), 100)
    town.check(threads)


@pytest.mark.real
@pytest.mark.parametrize("both", [False, True], ids=["shared-out", "both-all-of-it"])
async def test_on_mongodb(mongo_server: Any, mongo_database: str, both: bool) -> None:
    database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
    await prepare(database, clock=SystemClock().now)
    town = TwoRouters(random.Random(5), failures=0.005, stores=mongo_stores(database, ROUTER_KEYS))
    events, threads = await arrivals(town.vault, CorpusMaker(seed=6).make(300))
    random.Random(7).shuffle(events)
    every = [event for _, event in events]
    await town.run([every, every] if both else queues(events), 40)
    town.check(threads, await read(database))
    before = await read(database)
    await town.run(queues(events), 60)
    assert await read(database) == before


async def read(database: Database) -> Found:
    cases = await database["cases"].find({}).sort("_id").to_list(None)
    messages = await database["messages"].find({}, {"filed": 1}).to_list(None)
    history: dict[CaseId, list[HistoryEntry]] = {case["_id"]: [] for case in cases}
    async for entry in database["case_history"].find({}).sort("version"):
        history[entry["case_id"]].append(HistoryEntry.model_validate(entry))
    return Found(
        cases=[CaseRecord.model_validate(case) for case in cases],
        history=history,
        filed={message["_id"]: message["filed"] for message in messages},
        identifiers=await database["identifiers"].count_documents({}),
        citizens=await database["citizens"].count_documents({}),
    )
