"""The roles of deploy/mongodb, on a real mongod with sign-in: each service can do its work, and nothing beside it."""

import base64
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyrage import x25519

from guichet.clock import SystemClock
from guichet.data_subject.assemble import open_finder, open_removal
from guichet.data_subject.finder import reached_collections
from guichet.errors import NotAllowedError, TransientError
from guichet.ids import AgentId, MessageId
from guichet.mongo.client import connect, connect_vault, translated
from guichet.mongo.dump import dump
from guichet.runtime.background import in_background
from guichet.runtime.settings import MongoSettings, RotationSettings, VaultSettings
from guichet.store.agents.accounts import AgentAccount, MongoAgentAccounts
from guichet.store.agents.sessions import MongoSessions
from guichet.store.catch_ups import MongoCatchUps
from guichet.store.documents import MongoDocumentFinder
from guichet.store.mailbox_places import MongoMailboxPlaces, Place
from guichet.store.setup.arrival import Arrival
from guichet.store.setup.restore import NEVER_EMPTIED, DataRestore, data_collections
from guichet.store.setup.roles import ADMINISTRATOR, DATA, ROLE_OF, VAULT, read_roles
from guichet.store.setup.schema import RETIRED_INDEXES, STORE_FILES, VIEWS, prepare, whole_data_map
from guichet.store.setup.users import administrator_at, make_roles_and_users, make_users
from guichet.vault.backup import back_up_vault
from guichet.vault.copy.keep import CopyKeeper
from guichet.vault.copy.record import CopyRecord
from guichet.vault.keys.collections import VaultKeys
from guichet.vault.mongo_vault import MongoVault
from guichet.vault.pool import KeyPool
from guichet.vault.restore import VaultRestore
from guichet.vault.restore_source import BackedUpVault
from guichet.vault.root_key.file import RootKeyFile
from guichet.vault.rotation.records import Rotations
from guichet.vault.rotation.rotate import open_rotation
from guichet.vault.schema import VAULT_FILES
from guichet.vault.search_keys import MongoGivenUpKeys, MongoSearchKeys
from guichet.vault.setup import initialise_vault
from guichet_cli.town_export.export import ExportSettings, export
from guichet_cli.town_export.kinds import KINDS
from guichet_cli.town_export.order import Approved, Asked, Order
from guichet_cli.town_export.under_way import OnTheBroker
from guichet_local.machine.ports import free_ports
from guichet_local.mongod.access import MongodAccess
from guichet_local.mongod.binary import find_mongod
from guichet_local.mongod.server import MongoServer
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.builders.shared_phone import AMINA, REGISTRY_KEY, SECTOR_KEY, SharedPhone
from guichet_testing.twins.store.objects import InMemoryObjects
from guichet_testing.until import until
from guichet_topology.sign_in import uri_of

pytestmark = pytest.mark.real

ROLES = read_roles(Path(__file__).parents[4] / "deploy" / "mongodb" / "roles.json")
WHO_MAY_OPEN = ["guichet_router", "guichet_notifier", "guichet_desk", "guichet_gdpr_worker", "guichet_search_indexer"]
PERSONS = ["cases", "follow_views", "messages", "citizens", "identifiers", "threads", "deliveries", "audit"]


class LockedServer:
    """A mongod that lets in only whom it knows: one user a role, named and signed in as the role."""

    def __init__(self, folder: Path) -> None:
        self._port = free_ports(1)[0]
        self._password = secrets.token_hex(16)
        access = MongodAccess(folder / "members.key", self._password)
        self.server = MongoServer(folder, self._port, find_mongod(), access=access)

    def start(self) -> None:
        self.server.start()
        with administrator_at(self.uri(ADMINISTRATOR)) as administrator:
            make_roles_and_users(administrator, ROLES, {})
            make_users(administrator, {role: (role, self._password) for role in ROLES})

    def uri(self, user: str) -> str:
        return uri_of(f"127.0.0.1:{self._port}", user, self._password)

    def database(self, role: str) -> Any:
        return connect(MongoSettings(mongodb_uri=self.uri(role)))

    def vault(self, role: str) -> Any:
        return connect_vault(VaultSettings(mongodb_uri=self.uri(role), vault_mongodb_uri=None))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LockedServer]:
    server = LockedServer(tmp_path_factory.mktemp("locked"))
    try:
        server.start()
        yield server
    finally:
        server.server.stop()


@pytest.fixture(scope="module")
async def root(server: LockedServer, tmp_path_factory: pytest.TempPathFactory) -> RootKeyFile:
    """The deployment's role prepares everything."""
    path = tmp_path_factory.mktemp("root") / "root-key.json"
    await prepare(server.database("guichet_deployment"), clock=SystemClock().now)
    await initialise_vault(server.vault("guichet_deployment"), path, clock=SystemClock().now)
    return RootKeyFile(path)


async def refused(act: Any) -> None:
    with pytest.raises(NotAllowedError), translated():
        await act


def test_roles_name_every_declared_collection_and_no_other() -> None:
    known = {f"{DATA}.{name}" for file in STORE_FILES for name in file.INDEXES}
    known |= {f"{DATA}.{view.name}" for view in VIEWS}
    known |= {f"{VAULT}.{name}" for file in VAULT_FILES for name in file.INDEXES}
    named = {place for rights in ROLES.values() for place in rights if not place.endswith(".")}
    assert named - known == set(), "a right on a collection that nobody declares"
    assert known - named == set(), "a collection that nobody may use"


def test_a_right_on_a_whole_database_is_to_list_its_collections_and_no_more() -> None:
    """What is granted on "guichet." holds for every collection, for one of tomorrow too.

    Who keeps the vault's second copy follows all that happens there, in one order: MongoDB asks both rights for that.
    """
    follows = ("guichet_gdpr_worker", f"{VAULT}.")
    for role, rights in ROLES.items():
        for place, actions in rights.items():
            if place.endswith("."):
                wanted = ["find", "changeStream"] if (role, place) == follows else ["listCollections"]
                assert list(actions) == wanted, role


def test_every_user_has_a_role_and_every_role_a_user() -> None:
    assert set(ROLE_OF.values()) == set(ROLES)


async def test_an_adapter_seals_and_cannot_open(server: LockedServer, root: RootKeyFile) -> None:
    mine = server.vault("guichet_adapter")
    (key,) = await KeyPool(VaultKeys(mine)).new_keys(1)
    opened = await MongoVault(VaultKeys(server.vault("guichet_router")), root, now=SystemClock().now).open_keys(
        [key.key_id]
    )
    assert opened == {key.key_id: key}
    for name in ("keys", "bucket_keys", "opening_keys"):
        await refused(mine[name].find_one({}))
    await refused(mine["keys"].update_one({"_id": key.key_id}, {"$set": {"wrapped": b""}}))
    await refused(mine["keys"].delete_one({"_id": key.key_id}))
    await refused(mine["sealing_keys"].insert_one({"_id": 99, "public": bytes(32)}))


@pytest.mark.parametrize("role", WHO_MAY_OPEN)
async def test_who_may_open_makes_and_opens_keys(role: str, server: LockedServer, root: RootKeyFile) -> None:
    vault = MongoVault(VaultKeys(server.vault(role)), root, now=SystemClock().now)
    (key,) = await vault.new_keys(1)
    assert await MongoVault(VaultKeys(server.vault(role)), root, now=SystemClock().now).open_keys([key.key_id]) == {
        key.key_id: key
    }
    if role == "guichet_gdpr_worker":
        await vault.destroy_keys([key.key_id])
        assert await vault.open_keys([key.key_id]) == {}
    else:
        await refused(server.vault(role)["keys"].delete_one({"_id": key.key_id}))
        with pytest.raises(TransientError):
            await vault.destroy_keys([key.key_id])


async def test_who_keeps_search_files_gives_their_keys_up_and_gdpr_worker_destroys_them(
    server: LockedServer, root: RootKeyFile
) -> None:
    indexer, gdpr_worker = server.vault("guichet_search_indexer"), server.vault("guichet_gdpr_worker")
    keys = MongoSearchKeys(MongoVault(VaultKeys(indexer), root, now=SystemClock().now), indexer)
    key = await keys.new_search_key()
    assert await keys.open_keys([key.key_id]) == {key.key_id: key}
    assert await keys.living_search_keys() == {key.key_id}
    for _ in range(2):
        await keys.give_up([key.key_id])
    given_up = MongoGivenUpKeys(gdpr_worker)
    noted = await given_up.given_up()
    assert noted == {key.key_id}
    await MongoVault(VaultKeys(gdpr_worker), root, now=SystemClock().now).destroy_keys(noted)
    await given_up.forget(noted)
    assert await keys.living_search_keys() == await given_up.given_up() == frozenset()
    await refused(indexer["former_search_keys"].find_one({}))


async def test_gdpr_worker_may_do_all_that_an_erasure_does(server: LockedServer, root: RootKeyFile) -> None:
    operator, mine = server.database(ADMINISTRATOR), server.database("guichet_gdpr_worker")
    vault = MongoVault(VaultKeys(server.vault("guichet_gdpr_worker")), root, now=SystemClock().now)
    objects = InMemoryObjects()
    await SharedPhone(operator, vault, objects).insert()
    finder = open_finder(mine, vault, registry_key=REGISTRY_KEY, sector_key=SECTOR_KEY)
    removal = open_removal(mine, vault, objects, finder)
    await removal.divert(AMINA)
    await removal.release(AMINA)
    await removal.divert(AMINA)
    await removal.destroy_keys(await finder.find(AMINA))
    await removal.delete(await finder.find(AMINA), ARRIVED)
    assert (await finder.find(AMINA)).is_empty
    for name in PERSONS:
        await operator[name].delete_many({})  # the other tests find the server empty


@pytest.mark.parametrize("role", ["guichet_gdpr_worker", "guichet_operator"])
async def test_who_rotates_the_vault_may_do_all_of_it(role: str, server: LockedServer, root: RootKeyFile) -> None:
    vault = MongoVault(VaultKeys(server.vault("guichet_gdpr_worker")), root, now=SystemClock().now)
    gone, kept = await vault.new_keys(2)
    (pooled,) = await KeyPool(VaultKeys(server.vault("guichet_adapter"))).new_keys(1)
    await vault.destroy_keys([gone.key_id])
    report = await open_rotation(_turning(root), server.vault(role), clock=SystemClock().now).run()
    assert report.buckets >= 1
    opened = await MongoVault(VaultKeys(server.vault("guichet_router")), root, now=SystemClock().now).open_keys(
        [kept.key_id, pooled.key_id]
    )
    assert opened == {kept.key_id: kept, pooled.key_id: pooled}


async def test_gdpr_worker_keeps_the_second_copy_and_who_makes_keys_only_waits_for_it(
    server: LockedServer, root: RootKeyFile, tmp_path: Path
) -> None:
    worker, adapter, clock = server.vault("guichet_gdpr_worker"), server.vault("guichet_adapter"), SystemClock()
    keeper = CopyKeeper(worker, tmp_path / "copy", now=clock.now, sleep=clock.sleep)
    async with in_background(keeper.run(), "second copy"):
        await until(CopyRecord(server.vault("guichet_operator")).state)
        for role in ("guichet_adapter", "guichet_ingest_email", "guichet_ingest_sms", "guichet_portal"):
            assert len(await KeyPool(VaultKeys(server.vault(role)), capacity=1).new_keys(1)) == 1
        for role in WHO_MAY_OPEN:
            vault = MongoVault(VaultKeys(server.vault(role)), root, now=clock.now)
            assert len(await vault.new_keys(1)) == 1
        await open_rotation(_turning(root), server.vault("guichet_operator"), clock=clock.now).run()
        await refused(adapter["copies"].update_one({"_id": "copy"}, {"$set": {"off": True}}))
        await refused(server.vault("guichet_router")["copies"].delete_many({}))
    await CopyRecord(worker).give_up()
    await CopyRecord(server.vault("guichet_deployment")).expect()
    await CopyRecord(worker).give_up()  # the other tests wait for no copy


@pytest.mark.parametrize("role", [role for role in WHO_MAY_OPEN if role != "guichet_gdpr_worker"])
async def test_nobody_else_does(role: str, server: LockedServer, root: RootKeyFile) -> None:
    with pytest.raises(NotAllowedError):
        await open_rotation(_turning(root), server.vault(role), clock=SystemClock().now).run()


async def test_a_backup_is_read_by_a_role_of_its_own_that_opens_and_changes_nothing(
    server: LockedServer, root: RootKeyFile, tmp_path: Path
) -> None:
    mine, vault = server.database("guichet_backup"), server.vault("guichet_backup")
    (tmp_path / "data").mkdir()
    await dump(mine, data_collections(), tmp_path / "data", _no_beat)
    async with Rotations(vault).lease():
        await back_up_vault(vault, tmp_path / "vault", _no_beat, ARRIVED)
    await refused(mine["cases"].delete_many({}))
    await refused(mine["cases"].insert_one({}))
    await refused(vault["keys"].delete_many({}))


async def test_a_restore_is_done_by_a_role_of_its_own(server: LockedServer, root: RootKeyFile, tmp_path: Path) -> None:
    reader, database, vault = (
        server.database("guichet_backup"),
        server.database("guichet_restore"),
        server.vault("guichet_restore"),
    )
    (kept,) = await MongoVault(VaultKeys(server.vault("guichet_router")), root, now=SystemClock().now).new_keys(1)
    (tmp_path / "data").mkdir()
    await dump(reader, data_collections(), tmp_path / "data", _no_beat)
    await back_up_vault(server.vault("guichet_backup"), tmp_path / "vault", _no_beat, ARRIVED)
    restore = DataRestore(database, vault, clock=SystemClock().now)
    await restore.begin(ARRIVED)
    await restore.replace(tmp_path / "data", _no_beat)
    await restore.end()
    async with Rotations(vault).lease():
        await VaultRestore(vault).replace(BackedUpVault(tmp_path / "vault"), _no_beat, copy=tmp_path / "copy")
    await CopyRecord(server.vault("guichet_deployment")).give_up()
    opened = await MongoVault(VaultKeys(server.vault("guichet_router")), root, now=SystemClock().now).open_keys(
        [kept.key_id]
    )
    assert opened == {kept.key_id: kept}


async def test_a_restore_may_make_way_for_an_earlier_version(server: LockedServer, root: RootKeyFile) -> None:
    """Else no town whose server signs users in goes back. Its backup holds any of today's collections, or none."""
    may = ROLES["guichet_restore"]
    kept = [name for name in data_collections() if "dropCollection" not in may[f"{DATA}.{name}"]]
    assert kept == [*NEVER_EMPTIED]
    database, vault = server.database("guichet_restore"), server.vault("guichet_restore")
    await DataRestore(database, vault, clock=SystemClock().now).make_way(data_collections())
    assert [*await database["presence"].index_information()] == ["_id_"]
    await prepare(server.database("guichet_deployment"), clock=SystemClock().now)


async def test_a_town_leaves_by_a_role_that_reads_and_arrives_by_one_that_inserts(
    server: LockedServer, root: RootKeyFile, tmp_path: Path
) -> None:
    settings = ExportSettings(
        mongodb_uri=server.uri("guichet_export"),
        root_key_file=root.path,
        objects_url=(tmp_path / "objects").as_uri(),
        town=EXAMPLE_TOWN,
        **{name: base64.b64encode(REGISTRY_KEY) for name in ("registry_key", "sector_key", "thread_key")},
    )
    lea, karim = AgentId("lea"), AgentId("karim")
    key = x25519.Identity.generate()
    asked = Asked(order_id="o", person=lea, recipient=str(key.to_public()), asked_by=lea, asked_at=ARRIVED)
    approved = Approved(person=karim, approved_by=karim, approved_at=ARRIVED, signature=b"")
    await export(Order(asked=asked, approved=approved), tmp_path / "t.age", settings, OnTheBroker())
    assert (tmp_path / "t.age").exists()
    for role in ("guichet_export", "guichet_import"):
        mine = server.database(role)
        await refused(mine["cases"].delete_many({}))
        await refused(mine["cases"].update_one({}, {"$set": {"state": "closed"}}))
        await refused(mine["agents"].find_one({}))
        await refused(server.vault(role)["keys"].delete_many({}))
    await refused(server.database("guichet_export")["cases"].insert_one({}))
    await refused(server.database("guichet_import")["agent_rights"].insert_one({}))
    arrival = Arrival(server.database("guichet_import"))
    assert await arrival.first_with_documents(["unseen_mail", "cases"]) is not None
    for kind in (each for each in KINDS if each.returns):
        await arrival.insert(kind.collection, [{"_id": f"{kind.name}-1"}])
    vault = MongoVault(VaultKeys(server.vault("guichet_import")), root, now=SystemClock().now)
    assert len(await vault.new_keys(2)) == 2
    with administrator_at(server.uri(ADMINISTRATOR)) as administrator:
        for kind in KINDS:
            administrator[DATA][kind.collection].delete_one({"_id": f"{kind.name}-1"})


async def test_an_operator_ends_accounts_and_sessions_and_reads_no_session(server: LockedServer) -> None:
    mine = server.database("guichet_operator")
    accounts, lea = MongoAgentAccounts(mine), AgentId("lea")
    old = AgentAccount(_id=lea, password_hash="$argon2id$old", created_at=ARRIVED)
    await accounts.insert_missing([old])
    assert await accounts.replace(old, old.model_copy(update={"disabled_at": ARRIVED}))
    await MongoSessions(mine).end_all(lea)
    await refused(mine["sessions"].find_one({}))
    await refused(mine["sessions"].insert_one({}))
    await refused(mine["agents"].delete_many({}))


async def _no_beat(_part: str, _count: int) -> None:
    return


def _turning(root: RootKeyFile) -> RotationSettings:
    return RotationSettings(root_key_file=root.path)


async def test_the_portal_finds_sealed_views_and_opens_nothing(server: LockedServer, root: RootKeyFile) -> None:
    mine, vault = server.database("guichet_portal"), server.vault("guichet_portal")
    assert len(await KeyPool(VaultKeys(vault)).new_keys(1)) == 1
    assert await mine["follow_views"].find_one({}) is None
    await refused(mine["follow_views"].insert_one({}))
    await refused(mine["follow_views"].delete_many({}))
    for name in {*PERSONS} - {"follow_views"}:
        await refused(mine[name].find_one({}))
    for name in ("keys", "bucket_keys", "opening_keys"):
        await refused(vault[name].find_one({}))


@pytest.mark.parametrize("role", ["guichet_adapter", "guichet_ingest_email", "guichet_ingest_sms"])
async def test_adapters_see_no_person(role: str, server: LockedServer, root: RootKeyFile) -> None:
    for name in PERSONS:
        await refused(server.database(role)[name].find_one({}))
    await refused(server.vault(role)["keys"].find_one({}))


async def test_who_catches_up_does_its_work_and_sees_ids_alone(server: LockedServer, root: RootKeyFile) -> None:
    database = server.database("guichet_ingest_sms")
    with administrator_at(server.uri(ADMINISTRATOR)) as administrator:
        there = {"_id": "f" * 32, "content": "sealed", "provider_id": "SM1", "state": "sent", "case_id": "c" * 32}
        administrator[DATA]["messages"].insert_one(there)
        administrator[DATA]["deliveries"].insert_one(there)
    catch_ups = MongoCatchUps(database)
    async with catch_ups.leading("twilio") as held:
        await catch_ups.advance("messages to +33700000000", ARRIVED)
        await held.keep()
    assert await catch_ups.taken_in([MessageId("f" * 32)]) == {"f" * 32}
    assert await database["messages_taken_in"].find_one({}) == {"_id": "f" * 32}
    assert await database["messages_sent"].find_one({}) == {"_id": "f" * 32, "provider_id": "SM1", "state": "sent"}
    await refused(database["messages_taken_in"].insert_one({"_id": "forged"}))
    await refused(database["catch_ups"].delete_one({}))


async def test_who_reads_mailboxes_notes_how_far_and_nothing_else(server: LockedServer, root: RootKeyFile) -> None:
    database = server.database("guichet_ingest_email")
    places, first = MongoMailboxPlaces(database), Place(7, 0, ARRIVED)
    async with places.leading("contact") as held:
        await places.begin("contact", first, None)
        await places.advance("contact", Place(7, 3, ARRIVED, ARRIVED))
        await places.keep_token("contact", b"sealed")
        await held.keep()
    assert await places.find("contact") == Place(7, 3, ARRIVED, ARRIVED)
    for name in ("mailbox_places", "catch_ups", "messages_taken_in"):
        await refused(database[name].delete_many({}))
    for name in ("catch_ups", "messages_taken_in", "messages_sent"):
        await refused(database[name].find_one({}))


@pytest.mark.parametrize("role", sorted(ROLES))
async def test_the_ledger_of_erasures_is_read_by_who_erases_and_by_operators_alone(
    role: str, server: LockedServer, root: RootKeyFile
) -> None:
    erasures = server.vault(role)["erasures"]
    readers = {"guichet_gdpr_worker", "guichet_operator", "guichet_deployment", "guichet_backup", "guichet_restore"}
    if role in readers | {"guichet_export"}:  # who refuses while one is open
        assert await erasures.find_one({}) is None
    else:
        await refused(erasures.find_one({}))
    await refused(erasures.delete_many({}))


@pytest.mark.parametrize("role", ["guichet_gdpr_worker", "guichet_operator"])
async def test_who_erases_and_who_lists_what_would_go_may_look_wherever_a_person_is(
    role: str, server: LockedServer, root: RootKeyFile
) -> None:
    documents = MongoDocumentFinder(server.database(role))
    for entry in reached_collections(whole_data_map()):
        assert await documents.find(entry.name, "_id", ["nobody"], ()) == []
    assert await documents.distinct("cases", "sector") == frozenset()


@pytest.mark.parametrize("role", sorted(ROLES))
async def test_nobody_changes_the_audit_trail(role: str, server: LockedServer, root: RootKeyFile) -> None:
    audit = server.database(role)["audit"]
    if role not in {"guichet_deployment", "guichet_restore"}:  # a migration may, also of what is restored
        await refused(audit.update_one({}, {"$set": {"agent": "other"}}))
    await refused(audit.delete_many({}))
    await refused(audit.drop())


@pytest.mark.parametrize("role", ["guichet_deployment", "guichet_restore"])
def test_whoever_prepares_a_store_may_take_away_what_is_retired(role: str) -> None:
    may = ROLES[role]
    lacks = [name for name in RETIRED_INDEXES if not {"listIndexes", "dropIndex"} <= set(may[f"guichet.{name}"])]
    assert lacks == []
