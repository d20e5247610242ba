"""An operator gives the town's agents their accounts, once or often, and finds every password in the file."""

import asyncio
import shutil
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from guichet.mongo.client import connect
from guichet.privacy.passwords import password_matches
from guichet.runtime.settings import MongoSettings
from guichet.store.agents.accounts import MongoAgentAccounts
from guichet.store.audit.trail import Act, MongoAuditTrail
from guichet.town.load import load_town
from guichet_cli.agents import command as agents
from guichet_cli.agents.passwords_file import PasswordsFile
from guichet_cli.console.command import operator
from guichet_local.mongod.server import MongoServer
from guichet_testing.builders.example_town import EXAMPLE_TOWN, the_example_town


@pytest.fixture(autouse=True)
def _quick(quick_passwords: None) -> None:
    """The example town has a dozen agents, and each is given a password."""


@pytest.fixture
def passwords(tmp_path: Path) -> Path:
    return tmp_path / "secrets" / "agents.txt"


@pytest.fixture
def settings(mongo_server: MongoServer, mongo_database: str, monkeypatch: pytest.MonkeyPatch) -> MongoSettings:
    monkeypatch.setenv("GUICHET_MONGODB_URI", mongo_server.uri)
    monkeypatch.setenv("GUICHET_MONGODB_DATABASE", mongo_database)
    return MongoSettings()


def create(passwords: Path, town: Path = EXAMPLE_TOWN) -> str:
    done = CliRunner().invoke(agents.app, ["create", "--town", str(town), "--passwords-file", str(passwords)])
    assert done.exit_code == 0, done.output
    return done.output


def lines(passwords: Path) -> dict[str, str]:
    entries = [line.split() for line in passwords.read_text().splitlines() if not line.startswith("#")]
    return {entry[0]: entry[1] for entry in entries}


def hashes(settings: MongoSettings, town: Path = EXAMPLE_TOWN) -> dict[str, str]:
    async def read() -> dict[str, str]:
        accounts = MongoAgentAccounts(connect(settings))
        found = {agent.sign_in: await accounts.find(agent.agent_id) for agent in load_town(town).agents}
        return {name: account.password_hash for name, account in found.items() if account}

    return asyncio.run(read())


@pytest.mark.real
def test_every_agent_gets_an_account_whose_password_is_in_the_file(settings: MongoSettings, passwords: Path) -> None:
    create(passwords)
    written, kept = lines(passwords), hashes(settings)
    assert set(written) == set(kept) == {agent.sign_in for agent in the_example_town().agents}
    assert all(password_matches(kept[name], password) for name, password in written.items())
    assert stat.S_IMODE(passwords.stat().st_mode) == 0o600


@pytest.mark.real
def test_no_account_is_made_that_the_audit_trail_does_not_know(settings: MongoSettings, passwords: Path) -> None:
    create(passwords)
    create(passwords)
    entries = asyncio.run(MongoAuditTrail(connect(settings)).about("agent-12"))
    assert [(entry.act, entry.agent) for entry in entries] == [(Act.ACCOUNT_ADDED, operator())]


@pytest.mark.real
def test_again_changes_nothing(settings: MongoSettings, passwords: Path) -> None:
    create(passwords)
    before = passwords.read_text(), hashes(settings)
    assert create(passwords) == "Every agent of the town has an account.\n"
    assert (passwords.read_text(), hashes(settings)) == before


@pytest.mark.real
def test_a_newcomer_gets_one_and_the_others_keep_theirs(
    settings: MongoSettings, passwords: Path, tmp_path: Path
) -> None:
    create(passwords)
    before = lines(passwords)
    shutil.copytree(EXAMPLE_TOWN, tmp_path / "town")
    with (tmp_path / "town" / "agents.yaml").open("a") as file:
        file.write("  - { agent_id: new-one, name: Nouvelle, sign_in: nouvelle, departments: [voirie] }\n")
    assert "1 account(s) created: nouvelle" in create(passwords, tmp_path / "town")
    assert lines(passwords).items() > before.items()


@pytest.mark.real
def test_a_run_that_was_cut_short_goes_on_with_the_passwords_of_the_file(
    settings: MongoSettings, passwords: Path
) -> None:
    given = PasswordsFile(passwords).give(["karim.haddad"])  # and then the power went
    create(passwords)
    assert lines(passwords)["karim.haddad"] == given["karim.haddad"]
    assert password_matches(hashes(settings)["karim.haddad"], given["karim.haddad"])


def test_a_file_that_cannot_be_written_is_told_and_no_account_is_made(passwords: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(
        agents.app, ["create", "--town", str(EXAMPLE_TOWN), "--passwords-file", str(tmp_path)],
        env={"GUICHET_MONGODB_URI": "mongodb://127.0.0.1:1"},
    )  # fmt: skip
    assert done.exit_code == 1


def test_an_older_file_open_to_others_is_closed(passwords: Path) -> None:
    passwords.parent.mkdir()
    passwords.write_text("# by hand\nlea secret\n")
    passwords.chmod(0o644)
    assert PasswordsFile(passwords).give(["lea", "sam"])["lea"] == "secret"
    assert stat.S_IMODE(passwords.stat().st_mode) == 0o600
    assert passwords.read_text().startswith("# by hand\nlea secret\nsam ")


def rights(town: Path, *more: str) -> str:
    done = CliRunner().invoke(agents.app, ["rights", *more], env={"GUICHET_TOWN": str(town)})
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.real
def test_who_is_taken_out_of_the_files_may_command_nothing_from_then_on(
    settings: MongoSettings, tmp_path: Path
) -> None:
    town = tmp_path / "town"
    shutil.copytree(EXAMPLE_TOWN, town)
    assert "agent-12     1970-01-01T00:00:00Z to now" in rights(town)
    file = town / "agents.yaml"
    file.write_text("".join(line for line in file.read_text().splitlines(keepends=True) if "agent-12" not in line))
    assert "0 begun, 1 ended." in rights(town)
    assert "agent-12" not in rights(town)
    assert "agent-12     1970-01-01T00:00:00Z to 2" in rights(town, "--all")
