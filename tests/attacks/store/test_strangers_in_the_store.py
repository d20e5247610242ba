"""Whoever reaches mongod's port, and is nobody's service, reads and writes nothing."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from guichet_local.stack import LocalStack

pytestmark = pytest.mark.real

Client = MongoClient[dict[str, Any]]
UNAUTHORISED: Final = 13
AUTHENTICATION_FAILED: Final = 18

STRANGE_ACTS: Final[dict[str, Callable[[Client], object]]] = {
    "reads a case": lambda nobody: nobody.guichet.cases.find_one({}),
    "reads a key": lambda nobody: nobody.guichet_vault.keys.find_one({}),
    "reads what was written lately": lambda nobody: nobody.local["oplog.rs"].find_one({}),
    "plants a case": lambda nobody: nobody.guichet.cases.insert_one({"_id": "forged"}),
    "lets somebody in": lambda nobody: nobody.admin.command("createUser", "me", pwd="me", roles=["root"]),
    "reads who may what": lambda nobody: nobody.admin.command("usersInfo", 1),
    "takes the server over": lambda nobody: nobody.admin.command("replSetReconfig", {"_id": "rs0"}, force=True),
    "stops the server": lambda nobody: nobody.admin.command("shutdown", force=True),
}


@pytest.fixture
def nobody(servers: LocalStack) -> Iterator[Client]:
    """Somebody on the same machine, who knows the port and no password."""
    port = servers.ports["mongodb"]
    with MongoClient("127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=5000) as client:
        yield client


def test_a_stranger_in_the_store_reads_no_case(nobody: Client) -> None:
    with pytest.raises(OperationFailure, match="requires authentication"):
        nobody.guichet.cases.find_one({})


@pytest.mark.parametrize("act", sorted(STRANGE_ACTS))
def test_a_stranger_is_refused_whatever_they_try(act: str, nobody: Client) -> None:
    with pytest.raises(OperationFailure) as refusal:
        STRANGE_ACTS[act](nobody)
    assert refusal.value.code == UNAUTHORISED


def test_the_administrator_s_connection_string_works_as_it_is_and_is_the_owner_s_alone(servers: LocalStack) -> None:
    file = servers.folder / "secrets" / "mongodb-admin-uri"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text() == servers.mongodb_admin_uri
    with MongoClient[dict[str, Any]](file.read_text()) as administrator:
        assert {"guichet", "guichet_vault"} <= set(administrator.list_database_names())


@pytest.mark.parametrize(("name", "password"), [("case-router", "guess"), ("guichet-admin", ""), ("nobody", "guess")])
def test_a_guessed_name_or_password_opens_nothing(name: str, password: str, servers: LocalStack) -> None:
    port = servers.ports["mongodb"]
    with (
        MongoClient(
            "127.0.0.1", port, directConnection=True, username=name, password=password or "x", authSource="admin"
        ) as client,
        pytest.raises(OperationFailure) as refusal,
    ):
        client.guichet.cases.find_one({})
    assert refusal.value.code == AUTHENTICATION_FAILED
