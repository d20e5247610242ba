"""An operator prepares store and vault, once or often, and is told what to mend."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from guichet.mongo import client
from guichet.store.setup.roles import ADMINISTRATOR, password_variable
from guichet.vault.root_key.file import RootKeyFile
from guichet_cli.__main__ import app
from guichet_cli.store import command as store
from guichet_cli.vault import command as vault
from guichet_local.kafka.server import KafkaServer
from guichet_local.machine.ports import HOST, free_ports
from guichet_local.machine.private_file import write_private
from guichet_local.mongod.access import MongodAccess
from guichet_local.mongod.binary import find_mongod
from guichet_local.mongod.server import MongoServer
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_topology.sign_in import uri_of


@pytest.fixture
def root_key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "root-key.json"
    monkeypatch.setenv("GUICHET_ROOT_KEY_FILE", str(path))
    return path


@pytest.fixture
def _real_server(mongo_server: MongoServer, mongo_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUICHET_MONGODB_URI", mongo_server.uri)
    monkeypatch.setenv("GUICHET_MONGODB_DATABASE", mongo_database)
    monkeypatch.setenv("GUICHET_VAULT_DATABASE", f"{mongo_database}_vault")


@pytest.mark.real
@pytest.mark.usefixtures("_real_server")
def test_the_vault_is_initialised_once(root_key_file: Path) -> None:
    first = CliRunner().invoke(vault.app, ["init"])
    assert first.exit_code == 0, first.output
    assert str(root_key_file) in first.output
    root_key = RootKeyFile(root_key_file).newest()
    again = CliRunner().invoke(vault.app, ["init"])
    assert again.exit_code == 0
    assert again.output == "The vault is ready.\n"
    assert RootKeyFile(root_key_file).newest() == root_key


@pytest.mark.real
@pytest.mark.usefixtures("_real_server")
def test_a_rotation_is_told_and_keeps_the_copy_in_step(
    root_key_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUICHET_ROOT_KEY_COPY", str(tmp_path / "copy.key"))
    CliRunner().invoke(vault.app, ["init"])
    first = RootKeyFile(root_key_file).newest()
    done = CliRunner().invoke(vault.app, ["turn"])
    assert done.exit_code == 0, done.output
    assert "root key 2, 0 of 1024 buckets renewed" in done.output
    assert RootKeyFile(root_key_file).newest() != first
    assert (tmp_path / "copy.key").read_bytes() == root_key_file.read_bytes()


@pytest.mark.real
@pytest.mark.usefixtures("_real_server")
def test_a_rotation_that_cannot_write_says_what_to_do(
    root_key_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    CliRunner().invoke(vault.app, ["init"])
    monkeypatch.setenv("GUICHET_ROOT_KEY_COPY", str(tmp_path / "not-mounted" / "copy.key"))
    refused = CliRunner().invoke(vault.app, ["turn"])
    assert refused.exit_code == 1
    assert "not-mounted" in refused.output
    assert "Traceback" not in refused.output


@pytest.mark.real
@pytest.mark.usefixtures("_real_server")
def test_a_lost_root_key_is_told(root_key_file: Path) -> None:
    CliRunner().invoke(vault.app, ["init"])
    root_key_file.unlink()
    refused = CliRunner().invoke(vault.app, ["init"])
    assert refused.exit_code == 1
    assert "GUICHET_ROOT_KEY_FILE" in refused.output
    assert "restore" in refused.output


@pytest.mark.real
@pytest.mark.usefixtures("_real_server")
def test_the_store_is_prepared_as_often_as_one_likes() -> None:
    for _ in range(2):
        done = CliRunner().invoke(store.app, ["prepare"])
        assert done.exit_code == 0, done.output


@pytest.mark.real
@pytest.mark.usefixtures("_real_server")
def test_one_command_prepares_all_as_often_as_one_likes(
    root_key_file: Path, kafka_server: KafkaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUICHET_KAFKA_BOOTSTRAP_SERVERS", kafka_server.bootstrap_servers)
    monkeypatch.setenv("GUICHET_TOWN", str(EXAMPLE_TOWN))
    for _ in range(2):
        done = CliRunner().invoke(app, ["prepare"])
        assert done.exit_code == 0, done.output
        assert {"The vault is ready.", "Collections and indexes are ready."} <= set(done.output.splitlines())
    assert "Topics are ready (0 new)." in done.output
    assert root_key_file.exists()


def test_what_keeps_one_of_the_three_from_its_end_ends_the_command(
    root_key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUICHET_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9")
    refused = CliRunner().invoke(app, ["prepare"])
    assert refused.exit_code == 1
    assert "GUICHET_KAFKA_BOOTSTRAP_SERVERS" in refused.output
    assert not root_key_file.exists()


def test_a_missing_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GUICHET_ROOT_KEY_FILE", raising=False)
    refused = CliRunner().invoke(vault.app, ["init"])
    assert refused.exit_code == 1
    assert "GUICHET_ROOT_KEY_FILE is not set" in refused.output


def test_a_server_that_is_away_is_told_without_traceback(root_key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("guichet.mongo.client._milliseconds", lambda _: 200)
    monkeypatch.setenv("GUICHET_MONGODB_URI", f"mongodb://127.0.0.1:{free_ports(1)[0]}/")
    refused = CliRunner().invoke(vault.app, ["init"])
    assert refused.exit_code == 1
    assert "MongoDB" in refused.output
    assert "Traceback" not in refused.output
    assert not root_key_file.exists()


@pytest.mark.real
def test_users_are_made_once_and_who_is_one_of_them_prepares(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [port] = free_ports(1)
    mongod = MongoServer(tmp_path, port, find_mongod(), access=MongodAccess(tmp_path / "key", "secret"))
    monkeypatch.setattr(client, "_users", set())  # of a process of its own
    passwords = {"guichet-deployment": "deploys", "notifier": "tells"}
    write_private(tmp_path / "admin", uri_of(f"{HOST}:{port}", ADMINISTRATOR, "secret") + "\n")
    write_private(tmp_path / "users", "".join(f"{password_variable(user)}={passwords[user]}\n" for user in passwords))
    monkeypatch.setenv("GUICHET_MONGODB_ADMIN_URI_FILE", str(tmp_path / "admin"))
    monkeypatch.setenv("GUICHET_MONGODB_USERS_FILE", str(tmp_path / "users"))
    monkeypatch.setenv("GUICHET_TOWN", str(EXAMPLE_TOWN))
    monkeypatch.setenv("GUICHET_MONGODB_URI", uri_of(f"{HOST}:{port}", "guichet-deployment", "deploys"))
    try:
        mongod.start()
        early = CliRunner().invoke(store.app, ["prepare"])
        assert early.exit_code == 1
        assert "MongoDB refuses the sign-in of guichet-deployment" in early.output
        for told in ("15 and 2 new or changed", "0 and 0 new or changed"):
            done = CliRunner().invoke(store.app, ["users"])
            assert done.exit_code == 0, done.output
            assert told in done.output
        assert CliRunner().invoke(store.app, ["prepare"]).exit_code == 0
        monkeypatch.setenv("GUICHET_MONGODB_URI", uri_of(f"{HOST}:{port}", "notifier", "tells"))
        wrong = CliRunner().invoke(store.app, ["prepare"])
        assert wrong.exit_code == 1
        assert "MongoDB does not let" in wrong.output
        assert "notifier" in wrong.output
    finally:
        mongod.stop()


def test_users_without_their_files_are_told_which(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    done = CliRunner().invoke(store.app, ["users"])
    assert done.exit_code == 1
    assert "GUICHET_MONGODB_ADMIN_URI_FILE" in done.output
    monkeypatch.setenv("GUICHET_MONGODB_ADMIN_URI_FILE", str(tmp_path / "nowhere"))
    monkeypatch.setenv("GUICHET_MONGODB_USERS_FILE", str(tmp_path / "nowhere"))
    monkeypatch.setenv("GUICHET_TOWN", str(EXAMPLE_TOWN))
    gone = CliRunner().invoke(store.app, ["users"])
    assert gone.exit_code == 1
    assert f"GUICHET_MONGODB_ADMIN_URI_FILE is '{tmp_path / 'nowhere'}', which cannot be read" in gone.output
