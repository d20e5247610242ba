"""The `guichet` command as an operator types it."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from guichet.clock import SystemClock
from guichet.contracts.topics import CASE_COMMANDS, PRIVACY_REQUESTS
from guichet.kafka.dead_letters.index import DeadLetterIndex
from guichet.kafka.dead_letters.publish import Cause, DeadLetters
from guichet.kafka.records import RawRecord
from guichet.mongo.client import connect_vault
from guichet.runtime.settings import KafkaSettings, OpeningSettings, read_settings
from guichet.vault.mongo_vault import open_vault
from guichet.vault.setup import initialise_vault
from guichet_cli.__main__ import SUB_COMMANDS, app
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.builders.records import a_raw_record


def guichet(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments))


@pytest.mark.parametrize("name", SUB_COMMANDS)
def test_every_sub_command_loads_and_explains_itself(name: str) -> None:
    shown = guichet(name, "--help")
    assert shown.exit_code == 0, shown.output


@pytest.mark.parametrize("name", SUB_COMMANDS)
def test_no_sub_command_offers_what_only_the_whole_command_can(name: str) -> None:
    assert "--install-completion" not in guichet(name, "--help").output


def test_the_help_names_every_sub_command() -> None:
    shown = guichet("--help").output
    assert [name for name in SUB_COMMANDS if f" {name} " not in shown] == []


def test_a_mistyped_sub_command_is_told() -> None:
    assert guichet("topcis").exit_code == 2


def test_without_a_broker_the_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUICHET_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9")
    refused = guichet("topics", "create")
    assert refused.exit_code == 1
    assert "GUICHET_KAFKA_BOOTSTRAP_SERVERS" in refused.output


@pytest.mark.parametrize("command", ["replay", "drop"])
def test_a_decision_needs_a_reason_and_a_choice(command: str) -> None:
    assert "--reason" in guichet("dead-letters", command, "d1").output
    assert "name dead letters, or give --all" in guichet("dead-letters", command, "--reason", "x").output


@pytest.fixture
def _town(
    kafka_server: Any, mongo_server: Any, mongo_database: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUICHET_KAFKA_BOOTSTRAP_SERVERS", kafka_server.bootstrap_servers)
    monkeypatch.setenv("GUICHET_MONGODB_URI", mongo_server.uri)
    monkeypatch.setenv("GUICHET_MONGODB_DATABASE", mongo_database)
    monkeypatch.setenv("GUICHET_VAULT_DATABASE", f"{mongo_database}_vault")
    monkeypatch.setenv("GUICHET_ROOT_KEY_FILE", str(tmp_path / "root-key.json"))
    monkeypatch.setenv("GUICHET_OBJECTS_URL", (tmp_path / "objects").as_uri())
    monkeypatch.setenv("GUICHET_TOWN", str(EXAMPLE_TOWN))
    assert guichet("prepare").exit_code == 0
    guichet("dead-letters", "drop", "--all", "--reason", "of another test on this broker")


async def give_up(payload: bytes, taken: RawRecord | None = None) -> None:
    """Put a payload aside, and a record if one is given."""
    settings = read_settings(OpeningSettings)
    await initialise_vault(connect_vault(settings), settings.root_key_file, clock=SystemClock().now)
    async with DeadLetters(
        KafkaSettings(), open_vault(settings, clock=SystemClock().now), service="agent-desk", now=SystemClock().now
    ) as dead_letters:
        await dead_letters.publish_payload(CASE_COMMANDS, payload, ValueError("Madame Dupont"))
        if taken is not None:
            await dead_letters.publish(taken, "gdpr-worker", Cause("bug"))


@pytest.mark.real
@pytest.mark.usefixtures("_town")
def test_a_dead_letter_is_listed_shown_and_dropped(tmp_path: Path) -> None:
    assert "Topics are ready (0 new)." in guichet("topics", "create").output
    asyncio.run(give_up(b"la voix de Madame Dupont"))

    listed = guichet("dead-letters", "list")
    assert "agent-desk" in listed.output
    assert "Dupont" not in listed.output
    letter_id = next(line for line in listed.output.splitlines() if "agent-desk" in line).split()[0]

    shown = guichet("dead-letters", "show", letter_id)
    assert "la voix de Madame Dupont" in shown.output
    file = tmp_path / "payload"
    assert guichet("dead-letters", "show", letter_id, "--save", str(file)).exit_code == 0
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"la voix de Madame Dupont", 0o600)
    again = guichet("dead-letters", "show", letter_id, "--save", str(file))
    assert (again.exit_code, "does not exist yet" in again.output) == (1, True)
    refused = guichet("dead-letters", "replay", letter_id, "--reason", "try again")
    assert refused.exit_code == 1
    assert "never was a record" in refused.output

    dropped = guichet("dead-letters", "drop", letter_id, "--reason", "a test call")
    assert "will have no case" in dropped.output
    assert "No dead letter waits." in guichet("dead-letters", "list").output
    assert "dropped" in guichet("dead-letters", "list", "--all").output
    assert "erased" in guichet("dead-letters", "show", letter_id).output


@pytest.mark.real
@pytest.mark.usefixtures("_town")
def test_no_command_holds_the_bytes_of_the_letters_that_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood of large ones would need more memory than there is, and `drop` is what is done against it."""
    asyncio.run(give_up(b"la voix de Madame Dupont"))
    held: list[bytes] = []
    read = DeadLetterIndex.letters

    async def letters(index: DeadLetterIndex) -> Any:
        found = await read(index)
        held.extend(indexed.letter.record.box for indexed in found.values())
        return found

    monkeypatch.setattr(DeadLetterIndex, "letters", letters)
    letter_id = guichet("dead-letters", "list").output.split()[0]
    assert "la voix de Madame Dupont" in guichet("dead-letters", "show", letter_id).output
    for act in ("replay", "drop"):
        guichet("dead-letters", act, letter_id, "--reason", "a test call")
    assert len(held) >= 4
    assert set(held) == {b""}


@pytest.mark.real
@pytest.mark.usefixtures("_town")
def test_all_that_can_be_replayed_is_and_the_rest_is_named() -> None:
    asyncio.run(give_up(b"la voix de Madame Dupont", a_raw_record(int(time.time()), topic=PRIVACY_REQUESTS.name)))
    told = guichet("dead-letters", "replay", "--all", "--reason", "mended in 1.2.3")
    assert told.exit_code == 1
    assert "replayed to gdpr-worker on privacy-requests" in told.output
    assert "skipped" in told.output
    assert "never was a record" in told.output
    assert "1 not replayed" in told.output
    left = [line for line in guichet("dead-letters", "list").output.splitlines() if line.endswith("open")]
    assert [line.split()[3] for line in left] == ["payload"]
    guichet("dead-letters", "drop", "--all", "--reason", "a test call")
