"""One suite for documents by what they hold, on the twin and on the real MongoDB."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from guichet.mongo.client import connect
from guichet.runtime.settings import MongoSettings
from guichet.store import documents as module
from guichet.store.documents import Holdings, MongoHoldings, values_at
from guichet_local.mongod.server import MongoServer
from guichet_testing.twins.store.documents import InMemoryHoldings

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


class HoldingsSuite:
    async def test_documents_are_found_by_what_they_hold(self, holdings: Holdings) -> None:
        assert ids(await holdings.find("things", "filed", ["c1", "c9"], ())) == {"a"}
        assert ids(await holdings.find("things", "holders.who", ["y"], ())) == {"a", "b"}
        assert ids(await holdings.find("things", "holders.who", ["y", "x"], ())) == {"a", "b"}
        assert ids(await holdings.find("things", "_id", [], ())) == set()
        assert ids(await holdings.find("elsewhere", "_id", ["a"], ())) == set()

    async def test_none_stands_for_a_field_that_holds_nothing(self, holdings: Holdings) -> None:
        assert ids(await holdings.find("things", "filed", [None], ())) == {"b", "c"}

    async def test_only_the_fields_asked_for_are_read(self, holdings: Holdings) -> None:
        [found] = await holdings.find("things", "_id", ["a"], ("content.key_id",))
        assert found == {"_id": "a", "content": {"key_id": "k1"}}

    async def test_every_value_of_a_field_is_told(self, holdings: Holdings) -> None:
        assert await holdings.distinct("things", "filed") == {"c1"}
        assert await holdings.distinct("elsewhere", "filed") == frozenset()

    async def test_what_is_deleted_is_gone_and_deleting_it_again_is_a_success(self, holdings: Holdings) -> None:
        for _ in range(2):
            await holdings.delete("things", ["a", "z"])
        assert ids(await holdings.find("things", "_id", ["a", "b"], ())) == {"b"}
        await holdings.delete("things", [])


class TestInMemoryHoldings(HoldingsSuite):
    @pytest.fixture
    def holdings(self) -> InMemoryHoldings:
        twin = InMemoryHoldings()
        twin.add("things", *DOCUMENTS)
        return twin


@pytest.mark.real
class TestMongoHoldings(HoldingsSuite):
    @pytest.fixture
    async def holdings(self, mongo_server: MongoServer, mongo_database: str) -> AsyncIterator[MongoHoldings]:
        database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
        await database["things"].insert_many(DOCUMENTS)
        yield MongoHoldings(database)
        database.client.close()

    async def test_more_ids_than_one_query_takes_are_asked_for_in_parts(
        self, holdings: Holdings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "IDS_AT_ONCE", 1)
        assert ids(await holdings.find("things", "_id", ["a", "b", "c"], ())) == {"a", "b", "c"}
