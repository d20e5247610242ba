"""A store as `guichet prepare` leaves it, for one test after another: sixty collections are made once, and emptied."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from guichet.clock import SystemClock
from guichet.mongo.client import Database, closing, connect
from guichet.runtime.settings import MongoSettings
from guichet.store.setup.schema import prepare

Form = dict[str, dict[str, object]]


@asynccontextmanager
async def prepared_store(uri: str, name: str) -> AsyncIterator[Database]:
    """Prepare a store, and drop it at the end. Raises AssertionError there if a test left it other indexes."""
    with closing(connect(MongoSettings(mongodb_uri=uri, mongodb_database=name))) as database:
        await prepare(database, clock=SystemClock().now)
        as_prepared = await form_of(database)
        yield database
        left = await form_of(database)
        await database.client.drop_database(name)
        assert left == as_prepared, "a test changed the indexes that those after it had: it needs `mongo_database`"


async def empty(database: Database) -> None:
    """Remove every document, and what the profiler wrote. Asked at once which collections have any: few do."""
    names = [each for each in await _names(database) if not each.startswith("system.")]
    one: list[dict[str, Any]] = [{"$limit": 1}, {"$project": {"_id": 0}}]
    looks = [[*one, {"$project": {"name": {"$literal": name}}}] for name in names]
    first, *others = zip(names, looks, strict=True)
    pipeline: list[dict[str, Any]] = [*first[1]]
    pipeline += ({"$unionWith": {"coll": name, "pipeline": look}} for name, look in others)
    async for found in database[first[0]].aggregate(pipeline):
        await database[found["name"]].delete_many({})
    await database.drop_collection("system.profile")


async def form_of(database: Database) -> Form:
    """Return each collection's indexes by their names."""
    names = [each for each in await _names(database) if not each.startswith("system.")]
    return {name: dict(await database[name].index_information()) for name in names}


async def _names(database: Database) -> list[str]:
    return sorted(await database.list_collection_names(filter={"type": "collection"}))
