"""Migrations on a real mongod: once each, in order, resumed after a kill, one process at a time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from guichet.clock import SystemClock
from guichet.errors import SettingsError, TransientError
from guichet.migrations.checks import require_migrated
from guichet.migrations.context import MigrationContext, Steps
from guichet.migrations.run import Run, load, migrate
from guichet.mongo.client import Database, connect
from guichet.runtime.settings import MongoSettings
from guichet.store.setup.migration_records import MigrationRecords
from guichet.store.setup.migration_table import MIGRATIONS, Migration
from guichet.store.setup.schema import prepare
from guichet_local.mongod.server import MongoServer
from guichet_testing.until import until

real = pytest.mark.real
SHORT = timedelta(seconds=2)
FIRST, SECOND = Migration(10, "first", "first"), Migration(20, "second", "second")


class KilledError(BaseException):
    """kill -9."""


@pytest.fixture
async def database(mongo_server: MongoServer, mongo_database: str) -> AsyncIterator[Database]:
    """A store that an older version wrote: 25 cases, and no migration is known of it."""
    database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
    await database["cases"].insert_many([{"_id": f"case-{nth:02}", "form": 1} for nth in range(25)])
    await prepare(database, clock=SystemClock().now)
    yield database
    database.client.close()


class Migrator:
    """One process that migrates."""

    def __init__(self, database: Database) -> None:
        self.records = MigrationRecords(database, lasts=SHORT)
        self.said: list[str] = []
        self.told: list[tuple[str, int]] = []
        self._database = database

    async def run(self, **runs: Run) -> list[str]:
        done = await migrate(
            self.records,
            self._open,
            say=self.said.append,
            report=lambda name, count: self.told.append((name, count)),
            migrations=[each for each in (FIRST, SECOND) if each.name in runs],
            run_of=lambda migration: runs[migration.name],
        )
        return [each.name for each in done]

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[MigrationContext]:
        context = SimpleNamespace(database=self._database, clock=lambda: datetime.now(UTC))
        yield cast(MigrationContext, context)


def renewing(seen: list[str], before_batch: Callable[[int], None] = lambda _: None) -> Run:
    """A stub: brings every case to form 2, ten at a time."""

    async def run(context: MigrationContext, steps: Steps) -> None:
        nth = 0
        async for batch in steps.batches("cases", context.database["cases"], size=10):
            ids = [each["_id"] for each in batch]
            seen.extend(ids)
            await context.database["cases"].update_many({"_id": {"$in": ids}}, {"$set": {"form": 2}})
            nth += 1
            before_batch(nth)

    return run


def dies_after(batch: int) -> Callable[[int], None]:
    def look(nth: int) -> None:
        if nth == batch:
            raise KilledError

    return look


async def forms(database: Database) -> list[Any]:
    return await database["cases"].distinct("form")


@real
async def test_each_runs_once_and_in_order(database: Database) -> None:
    order: list[str] = []

    def noting(name: str) -> Run:
        async def run(_context: MigrationContext, _steps: Steps) -> None:
            order.append(name)

        return run

    migrator = Migrator(database)
    assert await migrator.run(first=noting("first"), second=noting("second")) == ["first", "second"]
    assert await migrator.run(first=noting("first"), second=noting("second")) == []
    assert order == ["first", "second"]
    assert migrator.said == ["Migration 10 (first) is done.", "Migration 20 (second) is done."]


@real
async def test_killed_in_the_middle_it_goes_on_with_the_batch_in_hand(database: Database) -> None:
    first, again = list[str](), list[str]()
    with pytest.raises(KilledError):
        await Migrator(database).run(first=renewing(first, dies_after(2)))
    assert await forms(database) == [1, 2]
    with pytest.raises(SettingsError, match="guichet migrate"):
        await require_migrated(database, [FIRST])
    migrator = Migrator(database)
    assert await migrator.run(first=renewing(again)) == ["first"]
    assert await forms(database) == [2]
    assert (first[0], again[0], len(again)) == ("case-00", "case-10", 15)
    assert migrator.told[-1] == ("first", 25)
    record = (await migrator.records.all())[10]
    assert (record.count, record.place) == (25, {})
    await require_migrated(database, [FIRST])


@real
async def test_two_at_once_one_waits_and_finds_nothing_left_to_do(database: Database) -> None:
    began, may_end = asyncio.Event(), asyncio.Event()
    runs: list[str] = []

    async def slow(_context: MigrationContext, _steps: Steps) -> None:
        runs.append("slow")
        began.set()
        await may_end.wait()

    one, other = Migrator(database), Migrator(database)
    first = asyncio.create_task(one.run(first=slow))
    await began.wait()
    second = asyncio.create_task(other.run(first=slow))
    await until(lambda: bool(other.said))
    may_end.set()
    assert (await first, await second) == (["first"], [])
    assert runs == ["slow"]
    assert "another process migrates this store" in other.said[0]


@real
async def test_after_a_kill_the_next_waits_until_the_lease_of_the_dead_one_is_over(database: Database) -> None:
    still_its = [{"$set": {"holder": "dead", "until": {"$add": ["$$NOW", int(SHORT.total_seconds() * 1000)]}}}]
    await database["migrations"].update_one({"_id": "lease"}, still_its, upsert=True)
    migrator = Migrator(database)
    assert await migrator.run(first=renewing([])) == ["first"]
    assert "Waiting: another process migrates this store, or died in it less than 2 s ago" in migrator.said[0]


@real
async def test_who_slept_past_its_lease_stops(database: Database) -> None:
    async def sleepy(context: MigrationContext, steps: Steps) -> None:
        await context.database["migrations"].update_one({"_id": "lease"}, {"$set": {"holder": "another"}})
        await steps.keep(1)

    with pytest.raises(TransientError, match="took the migrations over"):
        await Migrator(database).run(first=sleepy)


@real
async def test_a_store_that_is_made_today_is_migrated_from_the_beginning(
    mongo_server: MongoServer, mongo_database: str
) -> None:
    database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
    for _ in range(2):
        await prepare(database, clock=SystemClock().now)
        await require_migrated(database)
    assert [*await MigrationRecords(database).all()] == [each.number for each in MIGRATIONS]
    database.client.close()


@real
async def test_a_store_of_a_newer_version_is_refused(database: Database) -> None:
    async def nothing(_context: MigrationContext, _steps: Steps) -> None:
        pass

    await Migrator(database).run(first=nothing, second=nothing)
    with pytest.raises(SettingsError, match=r"newer than this version.*20 \(second\)"):
        await require_migrated(database, [FIRST])
    with pytest.raises(SettingsError, match="newer than this version"):
        await Migrator(database).run(first=nothing)


def test_the_table_is_in_order_and_each_can_be_loaded() -> None:
    numbers = [each.number for each in MIGRATIONS]
    assert numbers == sorted(set(numbers))
    assert len({each.name for each in MIGRATIONS}) == len(MIGRATIONS)
    assert all(asyncio.iscoroutinefunction(load(each)) for each in MIGRATIONS)
