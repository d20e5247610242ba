"""One suite for documents by what they hold, on the twin and on the real MongoDB."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest

from guichet.mongo.client import connect
from guichet.runtime.settings import MongoSettings
from guichet.store import documents as module
from guichet.store.documents import DocumentFinder, MongoDocumentFinder, values_at
from guichet_local.mongod.server import MongoServer
from guichet_testing.twins.store.documents import InMemoryDocumentFinder

DOCUMENTS: list[dict[str, Any]] = [
    {
        "_id": "a",
        "filed": "c1",
        "content": {"key_id": "k1"},
        "holders": [{"who": "x"}, {"who": "y"}],
        "words": "secret",
    },
    {"_id": "b", "filed": None, "content": {"key_id": "k2"}, "holders": [{"who": "y"}]},
    {"_id": "c", "holders": []},
]


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("_id", ["a"]),
        ("content.key_id", ["k1"]),
        ("holders.who", ["x", "y"]),
        ("holders", [{"who": "x"}, {"who": "y"}]),
        ("filed", ["c1"]),
        ("nothing.here", []),
    ],
)
def test_what_lies_at_a_path_is_found_through_arrays(path: str, values: list[Any]) -> None:
    assert values_at(DOCUMENTS[0], path) == values


def ids(found: list[Any]) -> set[str]:
    return {document["_id"] for document in found}


class DocumentFinderSuite:
    async def test_documents_are_found_by_what_they_hold(self, documents: DocumentFinder) -> None:
        assert ids(await documents.find("things", "filed", ["c1", "c9"], ())) == {"a"}
        assert ids(await documents.find("things", "holders.who", ["y"], ())) == {"a", "b"}
        assert ids(await documents.find("things", "holders.who", ["y", "x"], ())) == {"a", "b"}
        assert ids(await documents.find("things", "_id", [], ())) == set()
        assert ids(await documents.find("elsewhere", "_id", ["a"], ())) == set()

    async def test_none_stands_for_a_field_that_holds_nothing(self, documents: DocumentFinder) -> None:
        assert ids(await documents.find("things", "filed", [None], ())) == {"b", "c"}

    async def test_only_the_fields_asked_for_are_read(self, documents: DocumentFinder) -> None:
        [found] = await documents.find("things", "_id", ["a"], ("content.key_id",))
        assert found == {"_id": "a", "content": {"key_id": "k1"}}

    async def test_what_is_named_at_any_path_of_any_collection_is_told(self, documents: DocumentFinder) -> None:
        places = {"things": ("holders.who", "filed"), "elsewhere": ("filed",)}
        assert await documents.named(places, ["x", "c1", "c9"]) == {"x", "c1"}
        assert await documents.named(places, []) == frozenset()

    async def test_every_value_of_a_field_is_told(self, documents: DocumentFinder) -> None:
        assert await documents.distinct("things", "filed") == {"c1"}
        assert await documents.distinct("elsewhere", "filed") == frozenset()

    async def test_what_is_deleted_is_gone_and_deleting_it_again_is_a_success(self, documents: DocumentFinder) -> None:
        for _ in range(2):
            await documents.delete("things", ["a", "z"])
        assert ids(await documents.find("things", "_id", ["a", "b"], ())) == {"b"}
        await documents.delete("things", [])


class TestInMemoryDocumentFinder(DocumentFinderSuite):
    @pytest.fixture
    def documents(self) -> InMemoryDocumentFinder:
        twin = InMemoryDocumentFinder()
        twin.add("things", *DOCUMENTS)
        return twin


@pytest.mark.real
class TestMongoDocumentFinder(DocumentFinderSuite):
    @pytest.fixture
    async def documents(self, mongo_server: MongoServer, mongo_database: str) -> AsyncIterator[MongoDocumentFinder]:
        database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
        await database["things"].insert_many(DOCUMENTS)
        yield MongoDocumentFinder(database)
        database.client.close()

    async def test_what_moves_from_one_place_to_another_and_back_is_named_at_every_look(
        self, documents: MongoDocumentFinder, mongo_server: MongoServer, mongo_database: str
    ) -> None:
        database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
        await database["things"].insert_one({"_id": "moves", "filed": "here", "leaving": None})

        async def move() -> None:
            while True:
                for there in ({"filed": None, "leaving": "here"}, {"filed": "here", "leaving": None}):
                    await database["things"].update_one({"_id": "moves"}, {"$set": there})

        moving = asyncio.create_task(move())
        looks = [await documents.named({"things": ("filed", "leaving")}, ["here"]) for _ in range(200)]
        moving.cancel()
        with suppress(asyncio.CancelledError):
            await moving
        database.client.close()
        assert set(looks) == {frozenset({"here"})}

    async def test_more_ids_than_one_query_takes_are_asked_for_in_parts(
        self, documents: DocumentFinder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "IDS_AT_ONCE", 1)
        assert ids(await documents.find("things", "_id", ["a", "b", "c"], ())) == {"a", "b", "c"}
