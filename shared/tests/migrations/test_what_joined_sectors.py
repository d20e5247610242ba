"""What joined sectors in a store of before is gone, whenever the migration is killed, and is found as the code finds it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from guichet.case.record import CaseRecord, DestroyedCase
from guichet.ids import CaseId, MessageId, derive_id
from guichet.migrations.context import MigrationContext, Steps
from guichet.migrations.run import load
from guichet.mongo.client import Database, connect
from guichet.privacy.blind_ids import BlindIds
from guichet.privacy.data_map.entry import Bond
from guichet.privacy.pseudonyms import own_anchor, participant_tag, person_tag
from guichet.runtime.settings import MongoSettings
from guichet.store.cases.erase import MongoCaseErasing
from guichet.store.cases.fields import LINKED_CASES
from guichet.store.setup.migration_table import MIGRATIONS
from guichet.store.shared_documents import MongoSharedDocuments
from guichet.store.threads.claim import Claim
from guichet.store.threads.sealed_claim import ClaimSealing
from guichet.store.threads.store import MongoThreadStore
from guichet.vault.sealing import Thing, seal
from guichet_local.mongod.server import MongoServer
from guichet_testing.builders.case import a_case
from guichet_testing.real.collections import HOLDING
from guichet_testing.twins.vault import InMemoryVault

pytestmark = pytest.mark.real

THREAD_KEY, REGISTRY_KEY = b"t" * 32, b"r" * 32
AT, DAY, MONTH = (
    datetime(2026, 3, 17, 9, 15, 7, tzinfo=UTC),
    datetime(2026, 3, 17, tzinfo=UTC),
    datetime(2026, 3, 1, tzinfo=UTC),
)
ALICE, BOB = (person_tag(THREAD_KEY, "email", each) for each in ("alice@x.example", "bob@x.example"))
ROADS, AID, GONE = (CaseId(derive_id("test-case", name)) for name in ("roads", "aid", "gone"))
SMS = MessageId(derive_id("test-message", "sms"))


class KilledError(BaseException):
    """kill -9."""


class Town:
    """A store as the version before wrote it, its migrations, and the stores as they read now."""

    def __init__(self, database: Database) -> None:
        self.database, self.vault = database, InMemoryVault()
        self.threads = MongoThreadStore(database, ClaimSealing(THREAD_KEY, REGISTRY_KEY))

    async def fill(self) -> None:
        [key] = await self.vault.new_keys(1)
        old = a_case("aid").model_dump(by_alias=True) | {"_id": AID, "participants": [ALICE, BOB], "linked_to": [ROADS]}
        old["subject"] = seal(key, Thing("case", AID), "subject", b"Aide").model_dump()
        old["outbox"] = [{"cause": "m", "event": {"type": "CaseOpened", "linked_to": [ROADS]}}]
        roads = a_case("roads").model_dump(by_alias=True) | {"_id": ROADS, "linked_to": [], "participants": [ALICE]}
        event = {"event_id": "e", "caused_by": "erasure-1", "occurred_at": AT.isoformat()}
        gone = {"_id": GONE, "version": 3, "state": "destroyed", "erasing": True, "destroyed_at": AT}
        gone |= {"request_id": "erasure-1", "outbox": [{"cause": "erasure-1", "event": event}]}
        await self.database["cases"].insert_many([old, roads | {"reference": "other"}, gone])
        quoting = {"case_id": AID, "claimed_by": "m2", "quoted_by": ALICE}
        shared = {"_id": "anchor", "version": 2, "claims": [{"case_id": ROADS, "claimed_by": "m1"}, quoting]}
        alone = {"_id": derive_id("own-anchor", SMS), "version": 1, "claims": [{"case_id": AID, "claimed_by": SMS}]}
        await self.database["threads"].insert_many([shared, alone])
        files = [{"attachment_id": "f", "digest": "d"}, {"attachment_id": "g", "digest": "d"}]
        await self.database["messages"].insert_many(
            [{"_id": "m1", "attachments": files}, {"_id": "m3", "erased_at": AT}]
        )
        await self.database["citizens"].insert_one({"_id": "alice", "since": AT})
        holders = [{"citizen_id": "alice", "since": AT, "provenance": "message"}]
        await self.database["identifiers"].insert_one({"_id": "address", "holders": holders})
        await self.database["keys"].insert_many([{"_id": "k1", "destroyed_at": AT}, {"_id": "k2", "wrapped": b""}])

    async def migrate(self, killed_at: int | None = None) -> None:
        keys = {"thread_key": THREAD_KEY, "registry_key": REGISTRY_KEY}
        secrets = {name: SimpleNamespace(get_secret_value=lambda value=value: value) for name, value in keys.items()}
        context = SimpleNamespace(
            database=self.database, vault_database=self.database, vault=self.vault, settings=SimpleNamespace(**secrets)
        )
        for migration in MIGRATIONS:
            if 20 <= migration.number < 30:
                await load(migration)(cast(MigrationContext, context), cast(Steps, _StepsThatDie(killed_at)))

    async def everything(self) -> dict[str, list[dict[str, Any]]]:
        names = sorted(await self.database.list_collection_names(filter=HOLDING))
        return {name: await self.database[name].find().sort("_id", 1).to_list(None) for name in names}


class _StepsThatDie:
    """Batches of one, noted nowhere. dies_at: after which document of a walk the process is killed."""

    def __init__(self, dies_at: int | None) -> None:
        self._left = dies_at

    async def batches(self, part: str, collection: Any, query: Any = None) -> AsyncIterator[list[dict[str, Any]]]:
        for document in await collection.find(query or {}).sort("_id", 1).to_list(None):
            yield [document]
            if self._left is not None:
                self._left -= 1
                if self._left < 0:
                    raise KilledError


@pytest.fixture
async def town(mongo_server: MongoServer, mongo_database: str) -> AsyncIterator[Town]:
    database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
    town = Town(database)
    await town.fill()
    yield town
    database.client.close()


@pytest.fixture(params=[None, 0, 1], ids=["undisturbed", "killed after the first", "killed after the second"])
async def migrated(town: Town, request: pytest.FixtureRequest) -> Town:
    if request.param is not None:
        with pytest.raises(KilledError):
            await town.migrate(killed_at=request.param)
    await town.migrate()
    return town


async def test_a_case_keeps_tags_of_its_own_of_the_same_people(migrated: Town):
    case = CaseRecord.model_validate(await migrated.database["cases"].find_one({"_id": AID}))
    assert case.participants == tuple(participant_tag(THREAD_KEY, AID, each) for each in (ALICE, BOB))


async def test_a_cases_links_are_sealed_under_its_key_and_on_no_event(migrated: Town):
    document = await migrated.database["cases"].find_one({"_id": AID})
    assert ROADS not in str(document)
    case = CaseRecord.model_validate(document)
    assert case.linked_to is not None
    keys = await migrated.vault.open_keys([case.linked_to.key_id])
    assert LINKED_CASES.open(keys[case.linked_to.key_id], AID, case.linked_to) == (ROADS,)
    other = CaseRecord.model_validate(await migrated.database["cases"].find_one({"_id": ROADS}))
    assert other.linked_to is None


async def test_a_tombstone_and_its_event_say_the_day_and_no_request(migrated: Town):
    document = await migrated.database["cases"].find_one({"_id": GONE})
    assert "erasure-1" not in str(document)
    tombstone = DestroyedCase.model_validate(document)
    [entry] = tombstone.outbox
    assert (tombstone.destroyed_at, entry.event["occurred_at"], entry.event["event_id"]) == (DAY, DAY.isoformat(), "e")
    assert await MongoCaseErasing(migrated.database).unpublished(9) == [tombstone]


async def test_claims_are_read_as_they_were_and_lie_sealed(migrated: Town):
    threads = await migrated.threads.find_many(["anchor", own_anchor(THREAD_KEY, SMS)])
    assert len(threads) == await migrated.database["threads"].count_documents({}) == 2
    quoting = Claim(case_id=AID, claimed_by="m2", quoted_by=participant_tag(THREAD_KEY, AID, ALICE))
    assert threads["anchor"].claims == (Claim(case_id=ROADS, claimed_by="m1"), quoting)
    assert threads["anchor"].version == 2
    resting = str(await migrated.database["threads"].find().to_list(None))
    assert not [name for name in (ROADS, AID, SMS, ALICE, "m1", "m2") if name in resting]


async def test_an_erasure_finds_the_claims(migrated: Town):
    blind_ids = BlindIds(REGISTRY_KEY)
    await MongoSharedDocuments(migrated.database, blind_ids).leave_threads([AID], [])
    [left] = await migrated.database["threads"].find().to_list(None)
    assert [each["of_case"] for each in left["claims"]] == [blind_ids.blind(Bond.CASE, ROADS)]


async def test_messages_have_no_digests_and_the_erased_say_the_day(migrated: Town):
    messages = {each["_id"]: each for each in await migrated.database["messages"].find().to_list(None)}
    assert messages["m1"]["attachments"] == [{"attachment_id": "f"}, {"attachment_id": "g"}]
    assert messages["m3"] == {"_id": "m3", "erased_at": DAY}


async def test_the_registry_counts_in_months_and_the_vault_in_days(migrated: Town):
    [citizen] = await migrated.database["citizens"].find().to_list(None)
    [address] = await migrated.database["identifiers"].find().to_list(None)
    assert (citizen["since"], address["holders"][0]["since"]) == (MONTH, MONTH)
    assert address["holders"][0]["provenance"] == "message"
    keys = {each["_id"]: each for each in await migrated.database["keys"].find().to_list(None)}
    assert keys["k1"]["destroyed_at"] == DAY
    assert keys["last-destroyed"]["at"] == AT


async def test_once_more_changes_nothing(migrated: Town):
    before = await migrated.everything()
    await migrated.migrate()
    assert await migrated.everything() == before
