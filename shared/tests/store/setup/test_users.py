"""Roles and users on a real mongod that asks who comes: made once, renewed where something differs, otherwise left."""

from collections.abc import Iterator
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from guichet.store.setup.roles import ADMINISTRATOR, ROLE_OF, Rights
from guichet.store.setup.users import Client, administrator_at, make_roles_and_users
from guichet_local.machine.ports import HOST, free_ports
from guichet_local.mongod.access import MongodAccess
from guichet_local.mongod.binary import find_mongod
from guichet_local.mongod.server import MongoServer
from guichet_topology.sign_in import uri_of

pytestmark = pytest.mark.real

ROLES: dict[str, Rights] = {role: {"guichet.cases": ["find"]} for role in ROLE_OF.values()}
PASSWORDS = {user: f"password-of-{user}" for user in ROLE_OF}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder, [port] = tmp_path_factory.mktemp("locked"), free_ports(1)
    server = MongoServer(folder, port, find_mongod(), access=MongodAccess(folder / "members.key", "secret"))
    try:
        server.start()
        yield f"{HOST}:{port}"
    finally:
        server.stop()


@pytest.fixture
def administrator(address: str) -> Iterator[Client]:
    with administrator_at(uri_of(address, ADMINISTRATOR, "secret")) as client:
        make_roles_and_users(client, ROLES, PASSWORDS)
        yield client


def signed_in(address: str, user: str, password: str) -> MongoClient[dict[str, Any]]:
    return MongoClient(uri_of(address, user, password))


def test_each_user_signs_in_as_themselves_and_may_what_their_role_says(address: str, administrator: Client) -> None:
    with signed_in(address, "case-router", PASSWORDS["case-router"]) as router:
        router.guichet.cases.find_one({})
        with pytest.raises(OperationFailure, match="not authorized"):
            router.guichet.messages.find_one({})


def test_the_second_time_nothing_is_written(administrator: Client) -> None:
    changes = make_roles_and_users(administrator, ROLES, PASSWORDS)
    assert (changes.roles, changes.users) == ([], [])


def test_a_role_that_changed_is_renewed_and_holds_at_once(address: str, administrator: Client) -> None:
    wider = ROLES | {"guichet_router": {"guichet.cases": ["find", "insert"]}}
    with signed_in(address, "case-router", PASSWORDS["case-router"]) as router:
        assert make_roles_and_users(administrator, wider, PASSWORDS).roles == ["guichet_router"]
        router.guichet.cases.insert_one({})
        assert make_roles_and_users(administrator, ROLES, PASSWORDS).roles == ["guichet_router"]
        with pytest.raises(OperationFailure, match="not authorized"):
            router.guichet.cases.insert_one({})


def test_a_role_that_the_file_no_longer_names_is_gone_and_another_s_stays(administrator: Client) -> None:
    administrator.admin.command("createRole", "payroll", privileges=[], roles=[])
    make_roles_and_users(administrator, ROLES | {"guichet_once": {"guichet.cases": ["find"]}}, PASSWORDS)
    assert make_roles_and_users(administrator, ROLES, PASSWORDS).roles == ["guichet_once"]
    there = {role["role"] for role in administrator.admin.command("rolesInfo", 1)["roles"]}
    assert there == {*ROLES, "payroll"}
    administrator.admin.command("dropRole", "payroll")


def test_a_new_password_replaces_the_old_one(address: str, administrator: Client) -> None:
    assert make_roles_and_users(administrator, ROLES, PASSWORDS | {"notifier": "new"}).users == ["notifier"]
    with signed_in(address, "notifier", "new") as notifier:
        notifier.guichet.cases.find_one({})
    with (
        signed_in(address, "notifier", PASSWORDS["notifier"]) as stale,
        pytest.raises(OperationFailure, match="Authentication failed"),
    ):
        stale.guichet.cases.find_one({})


def test_a_user_whose_role_was_widened_by_hand_gets_their_own_back(administrator: Client) -> None:
    administrator.admin.command("grantRolesToUser", "agent-desk", roles=["root"])
    assert make_roles_and_users(administrator, ROLES, PASSWORDS).users == ["agent-desk"]


def test_a_third_party_s_host_is_made_and_dropped_with_its_channel_and_nobody_else_is(administrator: Client) -> None:
    administrator.admin.command("createUser", "report", pwd="x", roles=[ROLE_OF["ingest-social"]])
    passwords = PASSWORDS | {"ingest-pigeon": "coo"}
    assert make_roles_and_users(administrator, ROLES, passwords, hosts=["ingest-pigeon"]).users == ["ingest-pigeon"]
    assert make_roles_and_users(administrator, ROLES, passwords, hosts=["ingest-pigeon"]).users == []
    assert make_roles_and_users(administrator, ROLES, PASSWORDS).users == ["ingest-pigeon"]
    there = {each["user"] for each in administrator.admin.command("usersInfo", 1)["users"]}
    assert there == {ADMINISTRATOR, "report", *ROLE_OF}
    administrator.admin.command("dropUser", "report")


def test_databases_of_other_names_are_meant(address: str, administrator: Client) -> None:
    rights = ROLES | {"guichet_router": {"guichet.cases": ["find"], "guichet_vault.keys": ["find"]}}
    make_roles_and_users(administrator, rights, PASSWORDS, database="town", vault_database="town_keys")
    with signed_in(address, "case-router", PASSWORDS["case-router"]) as router:
        router.town.cases.find_one({})
        router.town_keys["keys"].find_one({})
        with pytest.raises(OperationFailure, match="not authorized"):
            router.guichet.cases.find_one({})
