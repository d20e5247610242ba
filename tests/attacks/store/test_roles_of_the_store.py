"""Every user of the store × every collection × every verb, on the real mongod: allowed as the table says, and no more."""

import secrets
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError, OperationFailure

from guichet.store.setup.roles import ROLE_OF
from guichet.store.setup.schema import VIEWS, whole_data_map
from guichet_local.plan.environment import stack_values
from guichet_local.plan.secrets import load_or_make_secrets
from guichet_local.stack import LocalStack
from guichet_testing.town.services import SERVICES
from guichet_topology.sign_in import STORE_URI, store_uris
from tests.attacks.store.store_table import collections, may

pytestmark = pytest.mark.real

Client = MongoClient[dict[str, Any]]
NOTHING: Final = {"_id": "what nobody has"}
PLANTED: Final = "planted by an attack "
UNAUTHORISED: Final = 13

VERBS: Final[dict[str, Callable[[Collection[dict[str, Any]]], object]]] = {
    "find": lambda place: place.find_one(NOTHING),
    "insert": lambda place: place.insert_one({"_id": f"{PLANTED}{secrets.token_hex(8)}"}),
    "update": lambda place: place.update_one(NOTHING, {"$set": {"forged": True}}),
    "remove": lambda place: place.delete_one(NOTHING),
}

# What no service ever needs, whoever signs in.
BEYOND: Final[dict[str, Callable[[Client], object]]] = {
    "reads what everybody wrote lately": lambda me: me.local["oplog.rs"].find_one({}),
    "reads others' passwords": lambda me: me.admin["system.users"].find_one({}),
    "asks who the users are": lambda me: me.admin.command("usersInfo", [{"user": "guichet-admin", "db": "admin"}]),
    "lets somebody in": lambda me: me.admin.command("createUser", "me", pwd="me", roles=["root"]),
    "takes another role": lambda me: me.admin.command("grantRolesToUser", "notifier", roles=["root"]),
    "makes a role": lambda me: me.admin.command("createRole", "mine", privileges=[], roles=["root"]),
    "widens a role": lambda me: me.admin.command("updateRole", "guichet_adapter", roles=["root"]),
    "reads another database": lambda me: me.town_hall.payroll.find_one({}),
    "writes another database": lambda me: me.town_hall.payroll.insert_one({}),
    "reads a collection that nobody declared": lambda me: me.guichet.undeclared.find_one({}),
    "writes a collection that nobody declared": lambda me: me.guichet.undeclared.insert_one({}),
    "makes a collection that nobody declared": lambda me: me.guichet.create_collection(
        "undeclared", check_exists=False
    ),
    "follows every change": lambda me: me.guichet.command(
        "aggregate", "cases", pipeline=[{"$changeStream": {}}], cursor={}
    ),
    "watches what others ask": lambda me: list(me.admin.aggregate([{"$currentOp": {"allUsers": True}}])),
    "has every query written down": lambda me: me.guichet.command("profile", 2),
    "drops the database": lambda me: me.guichet.command("dropDatabase"),
    "drops the audit": lambda me: me.guichet.command("drop", "audit"),
    "reads the server's log": lambda me: me.admin.command("getLog", "global"),
    "stops the server": lambda me: me.admin.command("shutdown", force=True),
    "takes the server over": lambda me: me.admin.command("replSetReconfig", {"_id": "rs0"}, force=True),
}


@pytest.fixture(scope="module")
def clients(servers: LocalStack) -> Iterator[dict[str, Client]]:
    """Everybody of the store, signed in with what their process is given."""
    values = values_of(servers)
    opened = {user: MongoClient[dict[str, Any]](store_uris(user, values)[STORE_URI]) for user in ROLE_OF}
    yield opened
    for client in opened.values():
        client.close()
    with MongoClient[dict[str, Any]](servers.mongodb_admin_uri) as administrator:
        for place in sorted({*collections()} - {f"guichet.{view.name}" for view in VIEWS}):  # others attack them too
            database, _, collection = place.partition(".")
            administrator[database][collection].delete_many({"_id": {"$regex": f"^{PLANTED}"}})


def values_of(servers: LocalStack) -> dict[str, str]:
    """Return every variable of the stack: what lies in its folder, for its owner alone."""
    return stack_values(servers.folder, servers.ports, load_or_make_secrets(servers.folder / "secrets"), {})


def allowed(act: Callable[[], object]) -> bool:
    """Return whether mongod let it happen. Any other refusal than of rights is the act's own affair."""
    try:
        act()
    except DuplicateKeyError:
        return True
    except OperationFailure as refusal:
        if refusal.code != UNAUTHORISED:
            raise
        return False
    return True


def test_the_table_has_every_user_and_every_declared_collection() -> None:
    declared = {"collection": "guichet", "vault-collection": "guichet_vault"}
    assert set(may()) == set(ROLE_OF)
    named = {f"{declared[entry.place]}.{entry.name}" for entry in whole_data_map() if entry.place in declared}
    assert set(collections()) == named | {f"guichet.{view.name}" for view in VIEWS}


@pytest.mark.parametrize("user", sorted(ROLE_OF))
def test_a_user_of_the_store_may_do_what_the_table_says_and_nothing_else(user: str, clients: dict[str, Client]) -> None:
    me = clients[user]
    found = {
        (place, verb)
        for place in collections()
        for verb, act in VERBS.items()
        if allowed(lambda place=place, act=act: act(me[place.partition(".")[0]][place.partition(".")[2]]))
    }
    wanted = may()[user]
    assert found - wanted == set(), f"{user} may do what nobody gave them"
    assert wanted - found == set(), f"{user} cannot do what they need"


@pytest.mark.parametrize("act", sorted(BEYOND))
@pytest.mark.parametrize("user", sorted(ROLE_OF))
def test_no_user_of_the_store_gets_beyond_it(user: str, act: str, clients: dict[str, Client]) -> None:
    assert not allowed(lambda: BEYOND[act](clients[user])), f"{user} {act}"


@pytest.mark.parametrize("what", [1, "keys"], ids=["the whole vault", "its keys"])
@pytest.mark.parametrize("user", sorted(ROLE_OF))
def test_who_keeps_the_vaults_second_copy_alone_follows_what_happens_there(
    user: str, what: int | str, clients: dict[str, Client]
) -> None:
    following = {"aggregate": what, "pipeline": [{"$changeStream": {}}], "cursor": {}}
    assert allowed(lambda: clients[user].guichet_vault.command(following)) is (user == "gdpr-worker")


def test_nobody_removes_an_entry_of_the_audit_and_a_migration_alone_changes_one() -> None:
    """One had to: ids of erased citizens lay in entries. It runs at deployment, and on what a restore brings back."""
    migrating = {"guichet-deployment", "guichet-restore"}
    for user, rights in may().items():
        verbs = {verb for place, verb in rights if place == "guichet.audit"}
        assert verbs <= ({"find", "insert", "update"} if user in migrating else {"find", "insert"}), user


def test_who_seals_and_cannot_open_reads_no_key_back() -> None:
    for user in ("ingest-email", "ingest-sms", "ingest-social", "citizen-portal"):
        of_keys = {right for right in may()[user] if right[0].startswith("guichet_vault.")}
        how_far = ("guichet_vault.copies", "find")  # how far the second copy has got: no key lies there
        assert of_keys == {("guichet_vault.keys", "insert"), ("guichet_vault.sealing_keys", "find"), how_far}


def test_neither_the_console_nor_a_sender_nor_the_sandbox_is_anybody(servers: LocalStack) -> None:
    values = values_of(servers)
    strangers = {each.name for each in SERVICES if not store_uris(each.name, values)}
    assert strangers == {"ops-console", "citizen-sandbox", *(each.name for each in SERVICES if each.lane)}
