from pathlib import Path

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from guichet.store.setup.roles import ADMINISTRATOR
from guichet_local.errors import MissingLibraryError, UnsupportedMachineError
from guichet_local.machine.ports import HOST, answers, free_ports
from guichet_local.machine.process import wait_until
from guichet_local.mongod.access import MongodAccess
from guichet_local.mongod.binary import age_of, find_mongod, why_it_does_not_run
from guichet_local.mongod.server import MongoServer
from guichet_local.plan.environment import stack_values
from guichet_local.servers import own_servers
from guichet_topology.ports import PORTS
from guichet_topology.secrets import MAKERS
from guichet_topology.sign_in import uri_of


@pytest.mark.real
def test_a_document_survives_a_power_cut_and_a_move_to_another_port(tmp_path) -> None:
    first_port, second_port = free_ports(2)
    for port, end in ((first_port, "kill"), (second_port, "stop")):
        server = MongoServer(tmp_path, port, find_mongod())
        try:
            server.start()
            with MongoClient(server.uri) as client:
                client.town.citizens.update_one({"_id": 1}, {"$inc": {"seen": 1}}, upsert=True)
                seen = client.town.citizens.find_one({"_id": 1})
        finally:
            getattr(server, end)()
    assert seen == {"_id": 1, "seen": 2}


@pytest.mark.real
def test_a_fresh_database_takes_transactions(mongo_server: MongoServer, mongo_database: str) -> None:
    with MongoClient(mongo_server.uri) as client, client.start_session() as session, session.start_transaction():
        client[mongo_database].cases.insert_one({"_id": 1}, session=session)


@pytest.mark.real
def test_databases_are_dropped_by_prefix(mongo_server: MongoServer) -> None:
    with MongoClient(mongo_server.uri) as client:
        for name in ("drop_me", "drop_me_vault", "keep_me"):
            client[name].cases.insert_one({})
        mongo_server.drop_databases("drop_me")
        assert {"drop_me", "drop_me_vault", "keep_me"} & set(client.list_database_names()) == {"keep_me"}
        mongo_server.drop_databases("keep_me")


@pytest.mark.real
def test_data_from_before_there_was_sign_in_is_taken_over_on_another_port_too(tmp_path: Path) -> None:
    before, after = free_ports(2)
    old = MongoServer(tmp_path, before, find_mongod())
    try:
        old.start()
        with MongoClient(old.uri) as anybody:
            anybody.guichet.cases.insert_one({"_id": 1})
    finally:
        old.stop()
    server = MongoServer(tmp_path, after, find_mongod(), access=MongodAccess(tmp_path / "secrets" / "key", "secret"))
    try:
        server.start()
        with MongoClient(uri_of(f"{HOST}:{after}", ADMINISTRATOR, "secret")) as administrator:
            assert administrator.guichet.cases.find_one({}) == {"_id": 1}
        with MongoClient(server.uri) as nobody, pytest.raises(OperationFailure, match="requires authentication"):
            nobody.guichet.cases.find_one({})
    finally:
        server.stop()
    assert (tmp_path / "secrets" / "key").stat().st_mode & 0o777 == 0o600


@pytest.mark.real
def test_nobody_is_let_in_for_being_first(tmp_path: Path) -> None:
    """A server without users is the administrator's only: not even for a moment is it whoever's comes first."""
    [port] = free_ports(1)
    server = MongoServer(tmp_path, port, find_mongod(), access=MongodAccess(tmp_path / "key", "secret"))
    server.prepare()
    try:
        server.process.start()
        wait_until(lambda: answers(port), "MongoDB answers")
        with MongoClient(HOST, port, directConnection=True) as first:
            for act in ({"replSetInitiate": {}}, {"createUser": "me", "pwd": "me", "roles": ["root"]}):
                with pytest.raises(OperationFailure, match="requires authentication"):
                    first.admin.command(act)
    finally:
        server.stop()


@pytest.mark.real
def test_an_administrator_with_another_password_gets_the_one_that_the_stack_knows(tmp_path: Path) -> None:
    for password in ("first", "second"):
        [port] = free_ports(1)
        server = MongoServer(tmp_path, port, find_mongod(), access=MongodAccess(tmp_path / "key", password))
        try:
            server.start()
            with MongoClient(uri_of(f"{HOST}:{port}", ADMINISTRATOR, password)) as administrator:
                assert administrator.list_database_names()
        finally:
            server.stop()


def test_a_missing_library_is_named_with_the_command_that_installs_it() -> None:
    words = "mongod: error while loading shared libraries: libcurl.so.4: cannot open shared object file"
    error = why_it_does_not_run(127, words)
    assert isinstance(error, MissingLibraryError)
    assert "libcurl.so.4" in str(error)
    assert "apt-get install libcurl4" in str(error)


def test_a_processor_without_avx_is_told_where_to_turn() -> None:
    error = why_it_does_not_run(-4, "")
    assert isinstance(error, UnsupportedMachineError)
    assert "GUICHET_MONGODB_URI" in str(error)


def test_without_a_wheel_and_without_one_on_the_path_the_setting_is_named(monkeypatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("guichet_local.mongod.binary.find_spec", lambda _: None)
    with pytest.raises(UnsupportedMachineError, match="GUICHET_MONGODB_URI"):
        find_mongod()


def test_one_on_the_path_is_taken_where_there_is_no_wheel(monkeypatch, tmp_path) -> None:
    (tmp_path / "mongod").write_text("#!/bin/sh\nexit 0\n")
    (tmp_path / "mongod").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("guichet_local.mongod.binary.find_spec", lambda _: None)
    assert find_mongod() == tmp_path / "mongod"


@pytest.mark.real
def test_a_mongod_with_known_holes_says_so_in_one_line() -> None:
    told = age_of(find_mongod())
    assert told is not None
    assert "MongoDB 6.0.5 has known holes" in told
    assert "this machine alone" in told
    assert "\n" not in told


@pytest.mark.real
def test_the_stack_says_at_its_start_that_its_mongod_is_for_trying_out(tmp_path, kafka_installation) -> None:
    (tmp_path / "secrets").mkdir()
    said: list[str] = []
    secrets = {name: make() for name, make in MAKERS.items()}
    values = stack_values(tmp_path, PORTS, secrets, {})
    own_servers(tmp_path, kafka_installation.folder.parent, PORTS, {}, said.append, values=values)
    assert [line for line in said if "MongoDB 6.0.5" in line and "this machine alone" in line]
    assert values["GUICHET_MONGODB_OLD_SERVER"] == "accepted"
    of_the_users = stack_values(tmp_path, PORTS, secrets, {"GUICHET_MONGODB_URI": "mongodb://db"})
    assert "GUICHET_MONGODB_OLD_SERVER" not in of_the_users


def test_a_patched_mongod_says_nothing(tmp_path) -> None:
    patched = tmp_path / "mongod"
    patched.write_text("#!/bin/sh\necho 'db version v8.0.24'\n")
    patched.chmod(0o700)
    assert age_of(patched) is None
