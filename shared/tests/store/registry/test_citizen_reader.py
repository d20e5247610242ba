"""One suite for reading the registry, on the twin and on the real MongoDB."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from guichet.contracts.base import Sealed
from guichet.ids import CitizenId, IdentifierId, KeyId
from guichet.mongo.client import connect
from guichet.runtime.settings import MongoSettings
from guichet.store.registry.citizens import CitizenDocument, CitizenState, MongoCitizenStore
from guichet.store.registry.identifiers import Holder, IdentifierDocument, MongoIdentifierStore
from guichet.store.registry.reader import CitizenReader, MongoCitizenReader
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.registry.reader import InMemoryCitizenReader

Put = Callable[[list[CitizenDocument], list[IdentifierDocument]], Awaitable[None]]
SEALED = Sealed(key_id=KeyId("k"), box=b"")


def citizen(name: str, minutes: int = 0, *formerly: str) -> CitizenDocument:
    return CitizenDocument(
        _id=CitizenId(name),
        state=CitizenState.REGISTERED,
        record=SEALED,
        formerly=formerly,
        since=ARRIVED + timedelta(minutes=minutes),
    )


def address(name: str, *holders: str) -> IdentifierDocument:
    return IdentifierDocument(
        _id=IdentifierId(name),
        kind="email",
        holders=[Holder(citizen_id=CitizenId(each), provenance="import", since=ARRIVED) for each in holders],
        value=SEALED,
    )


class CitizenReaderSuite:
    async def test_who_exists_comes_oldest_first_and_since_when_asked(self, reader: CitizenReader, put: Put):
        await put([citizen("b", 2, "b-before"), citizen("a", 1)], [])
        everyone = await reader.who_exists()
        assert [each.citizen_id for each in everyone] == ["a", "b"]
        assert everyone[1].formerly == ("b-before",)
        assert [each.citizen_id for each in await reader.who_exists(ARRIVED + timedelta(minutes=2))] == ["b"]
        assert list(await reader.who_exists(ARRIVED + timedelta(minutes=3))) == []

    async def test_who_was_entered_last_is_told_apart(self, reader: CitizenReader, put: Put):
        for name in "dbca":
            await put([citizen(name, 5, f"{name}-before")], [])
        last = await reader.entered_last(2)
        assert {each.citizen_id: each.formerly for each in last} == {"c": ("c-before",), "a": ("a-before",)}
        assert len(await reader.entered_last(9)) == 4

    async def test_citizens_are_found_by_id(self, reader: CitizenReader, put: Put):
        await put([citizen("a"), citizen("b")], [])
        assert await reader.find_many(["a", "nobody"]) == {"a": citizen("a")}

    async def test_addresses_are_found_by_whom_they_reach(self, reader: CitizenReader, put: Put):
        shared, own, other = address("1", "a", "b"), address("2", "a"), address("3", "c")
        await put([], [other, own, shared])
        assert list(await reader.addresses_of(["a"])) == [shared, own]
        assert list(await reader.addresses_of(["a", "b"])) == [shared, own]
        assert list(await reader.addresses_of([])) == []


class TestInMemoryCitizenReader(CitizenReaderSuite):
    @pytest.fixture
    def reader(self) -> InMemoryCitizenReader:
        return InMemoryCitizenReader()

    @pytest.fixture
    def put(self, reader: InMemoryCitizenReader) -> Put:
        async def put(citizens: list[CitizenDocument], identifiers: list[IdentifierDocument]) -> None:
            reader.citizens += citizens
            reader.identifiers += identifiers

        return put


@pytest.mark.real
class TestMongoCitizenReader(CitizenReaderSuite):
    @pytest.fixture
    async def database(self, mongo_server, mongo_database):
        return connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))

    @pytest.fixture
    def reader(self, database) -> CitizenReader:
        return MongoCitizenReader(database)

    @pytest.fixture
    def put(self, database) -> Put:
        async def put(citizens: list[CitizenDocument], identifiers: list[IdentifierDocument]) -> None:
            await MongoCitizenStore(database).insert_new(citizens)
            await MongoIdentifierStore(database).insert_new(identifiers)

        return put
