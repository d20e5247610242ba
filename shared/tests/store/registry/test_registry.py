"""One suite for the citizen registry (identifiers, citizens) and one for commands, on twins and the real MongoDB."""

import asyncio
import base64

import pytest

from guichet.contracts.base import Sealed
from guichet.ids import CaseId, CitizenId, EventId, IdentifierId, KeyId
from guichet.store.commands import CommandDocument, CommandStore, MongoCommandStore
from guichet.store.registry.citizens import (
    CitizenDocument,
    CitizenRecord,
    CitizenState,
    CitizenStore,
    MongoCitizenStore,
    NewRecord,
)
from guichet.store.registry.identifiers import Holder, IdentifierDocument, IdentifierStore, MongoIdentifierStore
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.commands import InMemoryCommandStore
from guichet_testing.twins.store.registry.citizens import InMemoryCitizenStore
from guichet_testing.twins.store.registry.identifiers import InMemoryIdentifierStore

SEALED = Sealed(key_id=KeyId("key"), box=base64.b64encode(b"sealed"))


def an_identifier(name: str = "i1", *citizens: str, version: int = 1) -> IdentifierDocument:
    holders = tuple(Holder(citizen_id=CitizenId(each), provenance="message", since=ARRIVED) for each in citizens)
    return IdentifierDocument(_id=IdentifierId(name), kind="email", holders=holders, value=SEALED, version=version)


def a_citizen(name: str = "c1", state: CitizenState = CitizenState.PROVISIONAL) -> CitizenDocument:
    return CitizenDocument(_id=CitizenId(name), state=state, record=SEALED, since=ARRIVED)


def a_command(name: str = "k1") -> CommandDocument:
    return CommandDocument(_id=EventId(name), type="CloseCase", case_id=CaseId("case-1"), at=ARRIVED)


@pytest.mark.parametrize(
    ("record", "name"),
    [
        (CitizenRecord(given_name="Amina", family_name="Benali", display_name="amina"), "Amina Benali"),
        (CitizenRecord(display_name="amina"), "amina"),
        (CitizenRecord(), ""),
    ],
)
def test_the_registered_name_goes_before_what_a_mail_gave(record: CitizenRecord, name: str):
    assert record.full_name == name


class IdentifierStoreSuite:
    async def test_an_address_is_inserted_once(self, identifiers: IdentifierStore):
        assert await identifiers.insert_new([an_identifier("i1", "c1")]) == frozenset()
        assert await identifiers.insert_new([an_identifier("i1", "c2"), an_identifier("i2", "c2")]) == {"i1"}
        assert await identifiers.find_many(["i1", "i2", "i3"]) == {
            "i1": an_identifier("i1", "c1"),
            "i2": an_identifier("i2", "c2"),
        }

    async def test_of_two_first_messages_one_makes_the_citizen(self, identifiers: IdentifierStore):
        tries = [identifiers.insert_new([an_identifier("i1", f"c{i}")]) for i in range(6)]
        assert sum(taken == frozenset() for taken in await asyncio.gather(*tries)) == 1

    async def test_a_replacement_needs_the_version_it_was_made_from(self, identifiers: IdentifierStore):
        await identifiers.insert_new([an_identifier("i1", "c1")])
        second = an_identifier("i1", "c1", "c2", version=2)
        assert await identifiers.replace_if_unchanged([second])
        assert not await identifiers.replace_if_unchanged([an_identifier("i1", "c9", version=2)])
        assert await identifiers.find_many(["i1"]) == {"i1": second}
        assert await identifiers.replace_if_unchanged([])


class CitizenStoreSuite:
    async def test_a_citizen_who_is_there_stays_as_they_are(self, citizens: CitizenStore):
        await citizens.insert_new([a_citizen()])
        await citizens.insert_new([a_citizen(state=CitizenState.REGISTERED), a_citizen("c2")])
        assert await citizens.find_many(["c1", "c2", "c3"]) == {"c1": a_citizen(), "c2": a_citizen("c2")}

    async def test_a_record_is_written_anew_and_nobody_is_made_by_it(self, citizens: CitizenStore):
        await citizens.insert_new([a_citizen()])
        await citizens.replace([a_citizen(state=CitizenState.REGISTERED), a_citizen("c2")])
        assert await citizens.find_many(["c1", "c2"]) == {"c1": a_citizen(state=CitizenState.REGISTERED)}

    async def test_a_record_is_replaced_only_where_nobody_was_faster(self, citizens: CitizenStore):
        anew = Sealed(key_id=KeyId("key"), box=base64.b64encode(b"sealed anew"))
        await citizens.insert_new([a_citizen(), a_citizen("c2")])
        await citizens.replace([a_citizen("c2", CitizenState.REGISTERED)])
        unlike = a_citizen().model_copy(update={"record": anew})
        await citizens.replace_records([NewRecord(a_citizen(each), anew) for each in ("c1", "c2", "c3")])
        assert await citizens.find_many(["c1", "c2", "c3"]) == {
            "c1": unlike,
            "c2": a_citizen("c2", CitizenState.REGISTERED),
        }
        await citizens.replace_records([NewRecord(a_citizen(), SEALED)])
        assert await citizens.find_many(["c1"]) == {"c1": unlike}

    async def test_who_is_meant_is_found_by_an_id_of_before_too(self, citizens: CitizenStore):
        registered = a_citizen().model_copy(update={"formerly": (CitizenId("once"),)})
        await citizens.insert_new([registered, a_citizen("c2"), a_citizen("c3")])
        assert await citizens.known_as(lambda name: name in {"once", "c3", "nobody"}) == {"once": "c1", "c3": "c3"}


class CommandStoreSuite:
    async def test_a_command_is_inserted_once_and_marked_done(self, commands: CommandStore):
        await commands.insert_causes([a_command()])
        await commands.mark_done([EventId("k1"), EventId("none")], {})
        await commands.insert_causes([a_command(), a_command("k2")])
        done = a_command().model_copy(update={"done": True})
        assert await commands.find_many(["k1", "k2", "none"]) == {"k1": done, "k2": a_command("k2")}

    async def test_why_a_command_came_to_nothing_is_kept_however_often_it_is_marked(self, commands: CommandStore):
        await commands.insert_causes([a_command(), a_command("k2")])
        await commands.mark_done([EventId("k1"), EventId("k2")], {EventId("k1"): "case-changed"})
        await commands.mark_done([EventId("k1")], {})
        found = await commands.find_many(["k1", "k2"])
        assert {key: (each.done, each.refused) for key, each in found.items()} == {
            "k1": (True, "case-changed"),
            "k2": (True, None),
        }


class TestInMemoryIdentifierStore(IdentifierStoreSuite):
    @pytest.fixture
    def identifiers(self) -> IdentifierStore:
        return InMemoryIdentifierStore()


class TestInMemoryCitizenStore(CitizenStoreSuite):
    @pytest.fixture
    def citizens(self) -> CitizenStore:
        return InMemoryCitizenStore()


class TestInMemoryCommandStore(CommandStoreSuite):
    @pytest.fixture
    def commands(self) -> CommandStore:
        return InMemoryCommandStore()


@pytest.mark.real
class TestMongoIdentifierStore(IdentifierStoreSuite):
    @pytest.fixture
    def identifiers(self, database) -> IdentifierStore:
        return MongoIdentifierStore(database)


@pytest.mark.real
class TestMongoCitizenStore(CitizenStoreSuite):
    @pytest.fixture
    def citizens(self, database) -> CitizenStore:
        return MongoCitizenStore(database)


@pytest.mark.real
class TestMongoCommandStore(CommandStoreSuite):
    @pytest.fixture
    def commands(self, database) -> CommandStore:
        return MongoCommandStore(database)
