"""What ends goes by a round under the Clock, and the server's own sweep never comes first."""

from datetime import UTC, datetime, timedelta

import pytest

from guichet.runtime.settings import MongoSettings
from guichet.store import preparation
from guichet.store.client import Database, connect
from guichet.store.ended import LATE, Ends, MongoEnded
from guichet.store.preparation import ENDING, RETIRED_INDEXES, STORE_FILES, VAULT_FILES, prepare

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
AN_HOUR = timedelta(hours=1)


def brooms() -> dict[str, tuple[str, timedelta]]:
    """Every TTL index of the store and the vault: collection → field, and how long after its date."""
    return {
        name: (next(iter(index.document["key"])), timedelta(seconds=index.document["expireAfterSeconds"]))
        for file in (*STORE_FILES, *VAULT_FILES)
        for name, indexes in file.INDEXES.items()
        for index in indexes
        if "expireAfterSeconds" in index.document
    }


def test_what_the_server_sweeps_a_round_under_the_clock_has_removed_long_before():
    assert {name: (each.field, each.kept + LATE) for each in ENDING for name in (each.collection,)} == brooms()
    assert timedelta(days=7) <= LATE


@pytest.fixture
async def database(mongo_server, mongo_database):
    database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
    yield database
    database.client.close()


@pytest.mark.real
@pytest.mark.parametrize("ends", ENDING, ids=lambda each: each.collection)
async def test_the_round_removes_what_is_over_and_nothing_else(database: Database, ends: Ends):
    await prepare(database)
    over = NOW - ends.kept
    await database[ends.collection].insert_many(
        [{"_id": "over", ends.field: over}, {"_id": "not yet", ends.field: over + AN_HOUR}, {"_id": "has no end"}]
    )
    assert await MongoEnded(database, [ends]).remove(NOW) == {ends.collection: 1}
    left = {document["_id"] async for document in database[ends.collection].find({})}
    assert left == {"not yet", "has no end"}


@pytest.mark.real
@pytest.mark.parametrize("ends", ENDING, ids=lambda each: each.collection)
async def test_the_round_finds_them_by_an_index(database: Database, ends: Ends):
    await prepare(database)
    plan = await database.command("explain", {"find": ends.collection, "filter": {ends.field: {"$lte": NOW}}})
    assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])


@pytest.mark.real
async def test_a_store_that_was_prepared_before_loses_the_sweep_that_came_at_once(database: Database):
    await database["sessions"].create_index("ends_at", name="swept_when_over", expireAfterSeconds=0)
    await prepare(database)
    ttl = [each.get("expireAfterSeconds") for each in (await database["sessions"].index_information()).values()]
    assert [after for after in ttl if after is not None] == [LATE.total_seconds()]
    never_swept_before = {"commands"}
    assert {each.collection for each in ENDING} - never_swept_before <= RETIRED_INDEXES.keys()


def test_the_vault_sweeps_nothing_by_itself():
    assert not [file for file in preparation.VAULT_FILES if hasattr(file, "ENDS")]
