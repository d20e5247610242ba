"""A citizen of before gets an id that nobody can compute, wherever one stands, once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pydantic import SecretBytes

from guichet.contracts.base import Sealed
from guichet.errors import KeyMissingError
from guichet.ids import CitizenId, SectorId, derive_id
from guichet.migrations.context import MigrationContext
from guichet.migrations.m0010_citizen_ids import _renamed_citizen, renamed_citizen_id
from guichet.migrations.m0011_ledger_leads_to_nobody import slip_of
from guichet.migrations.run import migrate
from guichet.mongo.client import Database, connect
from guichet.privacy.pseudonyms import sector_citizen_id
from guichet.runtime.settings import MongoSettings
from guichet.store.setup.migration_records import MigrationRecords
from guichet.store.setup.migration_table import MIGRATIONS, Migration
from guichet.vault.sealing import Thing, missing_key, new_data_key, seal, unseal
from guichet_local.mongod.server import MongoServer
from guichet_testing.twins.vault import InMemoryVault

KEY = bytes(32)
OLD = CitizenId(derive_id("citizen", "message-1"))
FORMER = CitizenId(derive_id("citizen", "message-0"))
ROADS = SectorId("roads")


def test_an_id_of_before_is_told_by_its_length_and_is_changed_once() -> None:
    new = renamed_citizen_id(KEY, OLD)
    assert len(new) == 34
    assert new == renamed_citizen_id(KEY, OLD) == renamed_citizen_id(KEY, new)
    assert new != renamed_citizen_id(b"x" * 32, OLD)


def test_the_bordereau_has_a_line_for_each_kind_of_case() -> None:
    late = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)  # 2026 in Paris
    cases = [
        {"department": "roads", "state": "closed", "received_at": datetime(2024, 5, 1, tzinfo=UTC)},
        {"department": "roads", "state": "closed", "received_at": late},
        {"department": "aid", "state": "closed", "received_at": late},
    ]
    assert slip_of(cases) == [
        {"department": "aid", "state": "closed", "count": 1, "from_year": 2026, "to_year": 2026},
        {"department": "roads", "state": "closed", "count": 2, "from_year": 2024, "to_year": 2026},
    ]


def test_a_record_whose_key_the_vault_never_held_is_not_bound_to_another_id_than_it_opens_under() -> None:
    """It ends the migration: with another vault's keys every record of the registry would be lost."""
    key = new_data_key()
    citizen = {"_id": OLD, "record": seal(key, Thing("citizen", OLD), "record", b"{}").model_dump()}
    with pytest.raises(KeyMissingError):
        _renamed_citizen(citizen, {key.key_id: missing_key(key.key_id)}, partial(renamed_citizen_id, KEY))


@pytest.fixture
async def database(mongo_server: MongoServer, mongo_database: str) -> AsyncIterator[Database]:
    database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
    yield database
    database.client.close()


@pytest.mark.real
async def test_every_place_that_names_a_citizen_names_them_anew(database: Database) -> None:
    vault = InMemoryVault()
    (key,) = await vault.new_keys(1)
    record = seal(key, Thing("citizen", OLD), "record", b"{}").model_dump()
    in_roads, formerly_in_roads = (sector_citizen_id(KEY, ROADS, each) for each in (OLD, FORMER))
    await database["citizens"].insert_one({"_id": OLD, "record": record, "formerly": [FORMER]})
    await database["identifiers"].insert_one({"_id": "address", "holders": [{"citizen_id": OLD, "verified": True}]})
    await database["cases"].insert_many(
        [
            {"_id": "hers", "sector": ROADS, "citizen": in_roads, "candidates": []},
            {"_id": "perhaps", "sector": ROADS, "citizen": None, "candidates": ["another", formerly_in_roads]},
        ]
    )
    await database["messages"].insert_one({"_id": "m", "citizen": in_roads})
    await database["audit"].insert_one({"_id": "looked", "thing": "citizen", "things": [OLD]})
    await database["audit"].insert_one({"_id": "read", "thing": "case", "things": ["c" * 32]})
    await database["erasures"].insert_one({"_id": "r", "finished": True, "citizen": FORMER, "citizens": [OLD]})

    secret = SecretBytes(KEY)
    context = SimpleNamespace(
        database=database,
        vault_database=database,
        vault=vault,
        town=SimpleNamespace(sectors={ROADS: None}),
        settings=SimpleNamespace(ledger_key=secret, sector_key=secret),
        clock=lambda: datetime.now(UTC),
    )
    await migrate(
        MigrationRecords(database), lambda: opened(context), say=print, migrations=[_row(10), _row(11), _row(12)]
    )

    new, formerly = renamed_citizen_id(KEY, OLD), renamed_citizen_id(KEY, FORMER)
    [citizen] = await database["citizens"].find().to_list(None)
    assert (citizen["_id"], citizen["formerly"]) == (new, [formerly])
    assert unseal(key, Thing("citizen", new), "record", Sealed.model_validate(citizen["record"])) == b"{}"
    assert (await database["identifiers"].find_one())["holders"] == [{"citizen_id": new, "verified": True}]
    cases = {each["_id"]: each async for each in database["cases"].find()}
    assert cases["hers"]["citizen"] == sector_citizen_id(KEY, ROADS, new)
    assert cases["perhaps"]["candidates"] == ["another", sector_citizen_id(KEY, ROADS, formerly)]
    assert (await database["messages"].find_one())["citizen"] == sector_citizen_id(KEY, ROADS, new)
    things = {each["_id"]: each["things"] async for each in database["audit"].find()}
    assert things == {"looked": [new], "read": ["c" * 32]}
    ledger = await database["erasures"].find_one()
    assert (ledger["citizen"], ledger["citizens"], len(ledger["tags"])) == (None, [], 2)


def _row(number: int) -> Migration:
    return next(each for each in MIGRATIONS if each.number == number)


@asynccontextmanager
async def opened(context: Any) -> AsyncIterator[MigrationContext]:
    yield cast(MigrationContext, context)
