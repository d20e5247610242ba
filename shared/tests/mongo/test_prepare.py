"""What is made of a database while it is in use."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pymongo import IndexModel

from guichet.mongo import client
from guichet.mongo.client import connect
from guichet.mongo.prepare import make_collections
from guichet.runtime.settings import MongoSettings
from guichet_local.mongod.server import MongoServer

PATIENCE_MS = 300


@pytest.mark.real
async def test_an_index_is_waited_for_longer_than_any_other_call(
    mongo_server: MongoServer, mongo_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a million cases it takes minutes: an installation could not be brought to a version with a new index."""
    patient = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
    monkeypatch.setattr(client, "_milliseconds", lambda _: PATIENCE_MS)
    database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
    files: list[Any] = [SimpleNamespace(INDEXES={"cases": [IndexModel([("a", 1)], name="by_a")]})]
    await patient["cases"].insert_one({"a": 1})
    async with await patient.client.start_session() as session:
        session.start_transaction()  # until its end, no index of what it changes can be begun
        await patient["cases"].insert_one({"a": 2}, session=session)
        making = asyncio.create_task(make_collections(database, cast(Any, files), {}))
        await asyncio.wait([making], timeout=4 * PATIENCE_MS / 1000)
        assert not making.done()
        await session.commit_transaction()
    assert not await making, "there was a collection before"
    assert "by_a" in await patient["cases"].index_information()
    for each in (database, patient):
        each.client.close()
