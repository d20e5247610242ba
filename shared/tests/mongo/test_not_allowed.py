"""A store that lets us not in, or not do this, is no outage: it says who lacks what, raises an alarm, and is retried."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pymongo import errors

from guichet.errors import NotAllowedError, TransientError
from guichet.mongo import client
from guichet.mongo.client import connect, translated
from guichet.mongo.server_errors import refusal_of
from guichet.runtime.settings import MongoSettings
from guichet.runtime.telemetry import access_alarm as not_allowed
from guichet.runtime.telemetry.alarms import Alarm
from guichet.runtime.telemetry.metrics import ALARM
from guichet.store.setup.roles import ROLE_OF
from guichet.store.setup.users import administrator_at, make_roles_and_users
from guichet_local.machine.ports import HOST, free_ports
from guichet_local.mongod.access import MongodAccess
from guichet_local.mongod.binary import find_mongod
from guichet_local.mongod.server import MongoServer
from guichet_testing.until import until
from guichet_topology.sign_in import uri_of

CITIZEN = "zoe.martin@mail.example"
UNAUTHORIZED = errors.OperationFailure(
    'not authorized on guichet to execute command { find: "cases", filter: { value: "' + CITIZEN + '" }, lsid: {} }', 13
)


def test_what_is_refused_is_said_without_what_was_asked() -> None:
    refusal = refusal_of(UNAUTHORIZED, {"notifier"})
    assert refusal is not None
    assert "MongoDB does not let notifier find in guichet.cases" in str(refusal)
    assert "guichet store users" in str(refusal)
    assert refusal.cause == "notifier:find in guichet.cases"
    assert CITIZEN not in str(refusal)


def test_a_refused_sign_in_names_whose_and_what_to_look_at() -> None:
    refusal = refusal_of(errors.OperationFailure("Authentication failed.", 18), {"agent-desk"})
    assert refusal is not None
    assert "refuses the sign-in of agent-desk" in str(refusal)
    assert "GUICHET_MONGODB_URI" in str(refusal)


def test_who_does_not_sign_in_is_told_that() -> None:
    refusal = refusal_of(errors.OperationFailure("command find requires authentication", 13), set())
    assert refusal is not None
    assert "somebody who does not sign in find without a user" in str(refusal)


def test_a_certificate_that_nobody_vouches_for_is_no_outage_either() -> None:
    error = errors.ServerSelectionTimeoutError("db:27017: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed")
    refusal = refusal_of(error, {"notifier"})
    assert refusal is not None
    assert "tlsCAFile" in str(refusal)


@pytest.mark.parametrize(
    "error",
    [errors.AutoReconnect("gone"), errors.DuplicateKeyError("x", 11000), errors.ServerSelectionTimeoutError("x")],
)
def test_anything_else_is_none(error: errors.PyMongoError) -> None:
    assert refusal_of(error, {"notifier"}) is None


async def test_a_refusal_is_an_alarm_until_nothing_was_refused_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(not_allowed, "CALM_AFTER", not_allowed.CALM_AFTER / 3600)  # 50 ms
    shown = ALARM.labels(Alarm.NOT_ALLOWED.value, "notifier:find in guichet.cases")
    monkeypatch.setattr(client, "_users", {"notifier"})
    for _ in range(2):
        with pytest.raises(TransientError, match="does not let notifier"), translated():
            raise UNAUTHORIZED
    assert shown._value.get() == 1
    await until(lambda: shown._value.get() == 0)


@pytest.fixture
async def locked(tmp_path: Any) -> AsyncIterator[str]:
    [port] = free_ports(1)
    server = MongoServer(tmp_path, port, find_mongod(), access=MongodAccess(tmp_path / "key", "secret"))
    try:
        await asyncio.to_thread(server.start)
        with administrator_at(uri_of(f"{HOST}:{port}", "guichet-admin", "secret")) as administrator:
            roles = {role: {"guichet.cases": ["find"]} for role in ROLE_OF.values()}
            make_roles_and_users(administrator, roles, {"notifier": "right"})
        yield f"{HOST}:{port}"
    finally:
        await asyncio.to_thread(server.stop)


@pytest.mark.real
async def test_a_real_server_s_refusals_are_told(locked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_users", set())
    allowed, wrong = (
        connect(MongoSettings(mongodb_uri=uri_of(locked, "notifier", password)))  # type: ignore[arg-type]
        for password in ("right", "wrong")
    )
    with translated():
        assert await allowed["cases"].find_one({}) is None
    with pytest.raises(NotAllowedError, match=r"does not let notifier insert in guichet\.cases"), translated():
        await allowed["cases"].insert_one({})
    with pytest.raises(NotAllowedError, match=r"does not let notifier find in guichet\.audit"), translated():
        await allowed["audit"].find_one({})
    with pytest.raises(NotAllowedError, match="refuses the sign-in of notifier"), translated():
        await wrong["cases"].find_one({})
    for database in (allowed, wrong):
        database.client.close()
