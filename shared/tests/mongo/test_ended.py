"""What ends goes by a round under the Clock, and the server's own sweep never comes first."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from unittest.mock import AsyncMock

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.monitoring import CommandListener

from guichet.clock import SystemClock
from guichet.ids import KeyId
from guichet.mongo.client import Database, connect
from guichet.mongo.ended import SEALED_AT_ONCE, TTL_MARGIN, Ends, MongoEnded
from guichet.runtime.settings import MongoSettings
from guichet.store.audit import trail as audit
from guichet.store.setup.schema import ENDING, RETIRED_INDEXES, STORE_FILES, prepare
from guichet.vault.schema import VAULT_FILES

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
AN_HOUR = timedelta(hours=1)


class Deletes(CommandListener):
    """How many documents each delete removed."""

    def __init__(self) -> None:
        self.removed: list[int] = []

    def started(self, event) -> None:
        """Nothing to note."""

    def succeeded(self, event) -> None:
        if event.command_name == "delete":
            self.removed.append(event.reply["n"])

    def failed(self, event) -> None:
        """Nothing to note."""


def ttl_indexes() -> dict[str, tuple[str, timedelta]]:
    """Every TTL index of the store and the vault: collection → field, and how long after its date."""
    return {
        name: (next(iter(index.document["key"])), timedelta(seconds=index.document["expireAfterSeconds"]))
        for file in (*STORE_FILES, *VAULT_FILES)
        for name, indexes in file.INDEXES.items()
        for index in indexes
        if "expireAfterSeconds" in index.document
    }


def test_what_the_server_sweeps_a_round_under_the_clock_has_removed_long_before():
    """The audit trail alone is the server's: no service may remove an entry (docs/decisions/0038)."""
    behind_a_round = {each.collection: (each.field, each.kept + TTL_MARGIN) for each in ENDING}
    assert behind_a_round | {audit.COLLECTION: ("at", audit.KEPT)} == ttl_indexes()
    assert audit.COLLECTION not in behind_a_round
    assert timedelta(days=7) <= TTL_MARGIN


async def test_after_each_thousand_there_is_a_pause():
    answers = [SimpleNamespace(deleted_count=count) for count in (1000, 1000, 3, 0)]
    database, pauses = {"ticks": AsyncMock(bulk_write=AsyncMock(side_effect=answers))}, AsyncMock()
    assert await MongoEnded(database, [Ends("ticks", "until")], pauses).remove(NOW) == {"ticks": 2003}
    assert pauses.await_count == 2


@pytest.mark.real
async def test_there_is_a_pause_too_among_keys_of_what_documents_said_before(database: Database):
    ends = Ends("saved_views", "removed_at", sealed=("list",), former="former")
    said = {"former": [{"key_id": "before", "at": NOW}], "list": {"key_id": "now", "box": b""}}
    await database[ends.collection].insert_many([{"_id": str(nth), **said} for nth in range(SEALED_AT_ONCE + 1)])
    pauses, destroy = AsyncMock(), AsyncMock()
    await MongoEnded(database, [ends], pauses, destroy).remove(NOW)
    assert (pauses.await_count, destroy.await_count) == (1, 2)


@pytest.fixture
async def database(mongo_server, mongo_database):
    database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
    yield database
    database.client.close()


@pytest.mark.real
@pytest.mark.parametrize("ends", ENDING, ids=lambda each: each.collection)
async def test_the_round_removes_what_is_over_and_nothing_else(prepared_database: Database, ends: Ends):
    over, stored = NOW - ends.kept, prepared_database[ends.collection]
    await stored.insert_many(
        [{"_id": "over", ends.field: over}, {"_id": "not yet", ends.field: over + AN_HOUR}, {"_id": "has no end"}]
    )
    assert await MongoEnded(prepared_database, [ends]).remove(NOW) == {ends.collection: 1}
    left = {document["_id"] async for document in stored.find({})}
    assert left == {"not yet", "has no end"}


@pytest.mark.real
async def test_what_is_sealed_loses_its_key_before_it_goes_and_what_is_not_over_keeps_it(database: Database):
    destroyed, still_there, sealed = list[str](), list[bool](), database["bulk_cases"]

    async def destroy(keys: Collection[KeyId]) -> None:
        destroyed.extend(keys)
        still_there.append(await sealed.find_one({"_id": "over"}) is not None)

    for name, ends in (("over", NOW), ("later", NOW + AN_HOUR)):
        await sealed.insert_one({"_id": name, "ends": ends, "words": {"key_id": f"key of {name}", "box": b""}})
    await sealed.insert_one({"_id": "silent", "ends": NOW, "words": None})
    [bulk] = [each for each in ENDING if each.collection == "bulk_cases"]
    assert await MongoEnded(database, [bulk], destroy=destroy).remove(NOW) == {"bulk_cases": 2}
    assert (destroyed, still_there) == (["key of over"], [True])


@pytest.mark.real
async def test_many_thousands_go_a_thousand_at_a_time(database: Database, mongo_server):
    """One delete of them all takes longer than the store may take to answer, and then none of it counts."""
    ends = next(each for each in ENDING if each.collection == "sessions")
    await prepare(database, clock=SystemClock().now)
    over = [{"_id": f"over-{number}", ends.field: NOW - ends.kept} for number in range(5_500)]
    await database[ends.collection].insert_many(over)
    await database[ends.collection].insert_one({"_id": "not yet", ends.field: NOW - ends.kept + AN_HOUR})
    deletes = Deletes()
    client = AsyncIOMotorClient(mongo_server.uri, event_listeners=[deletes], tz_aware=True)
    try:
        assert await MongoEnded(client[database.name], [ends]).remove(NOW) == {ends.collection: 5_500}
    finally:
        client.close()
    assert max(deletes.removed) <= 1000, "one command that nothing bounds"
    assert await database[ends.collection].count_documents({}) == 1


@pytest.mark.real
@pytest.mark.parametrize("ends", ENDING, ids=lambda each: each.collection)
async def test_the_round_finds_them_by_an_index(prepared_database: Database, ends: Ends):
    plan = await prepared_database.command("explain", {"find": ends.collection, "filter": {ends.field: {"$lte": NOW}}})
    assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])


@pytest.mark.real
async def test_a_store_that_was_prepared_before_loses_the_sweep_that_came_at_once(database: Database):
    await database["sessions"].create_index("ends_at", name="swept_when_over", expireAfterSeconds=0)
    await prepare(database, clock=SystemClock().now)
    ttl = [each.get("expireAfterSeconds") for each in (await database["sessions"].index_information()).values()]
    assert [after for after in ttl if after is not None] == [TTL_MARGIN.total_seconds()]
    never_swept_before = {
        "absences",
        "agent_mails",
        "agent_news",
        "bulk_acts",
        "bulk_cases",
        "commands",
        "department_days",
        "letters",
        "on_call",
        "presence",
        "read_marks",
        "saved_answers",
        "saved_views",
        "spending",
    }
    assert {each.collection for each in ENDING} - never_swept_before <= RETIRED_INDEXES.keys()


def test_the_vault_sweeps_nothing_by_itself():
    assert not [file for file in VAULT_FILES if hasattr(file, "ENDS")]


@pytest.mark.real
async def test_the_tests_own_server_sweeps_nothing_that_they_date_long_ago(database: Database):
    """Seen: 139 of 5,500 sessions of last March were gone before the round came to them, in one run of four."""
    asked = await database.client.admin.command("getParameter", ttlMonitorEnabled=1)
    assert asked["ttlMonitorEnabled"] is False
