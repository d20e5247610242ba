"""A demonstration is told nothing that opens an account of a provider's, whatever its settings say."""

import shutil
from pathlib import Path

import pytest

from guichet.town.demonstration import is_demonstration
from guichet.town.own_accounts import own_accounts
from guichet.town.third_parties import third_parties
from guichet_server.render.containers import container_environments
from guichet_server.render.everything import Town, files_of
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.server_files import SECRETS, SETTINGS
from guichet_topology.demonstration import told_settings
from guichet_topology.deployment import BROKERS
from guichet_topology.sign_in import STORE_ADDRESS

GIVEN = {
    name: f"given-{name}"
    for name in (
        *("GUICHET_TWILIO_ACCOUNT_SID", "GUICHET_TWILIO_AUTH_TOKEN", "GUICHET_TELEGRAM_TOKEN"),
        *("GUICHET_IMAP_MAIN_PASSWORD", "GUICHET_SMTP_HOST", "GUICHET_SMTP_USERNAME", "GUICHET_SMTP_PASSWORD"),
        *("GUICHET_ONCALL_EMAIL", "GUICHET_ONCALL_WEBHOOK_URL", "GUICHET_PIGEON_TOKEN"),
    )
}
ELSEWHERE = {BROKERS: "broker:9092", STORE_ADDRESS: "store:27017"}


@pytest.fixture
def demonstration(tmp_path: Path) -> Path:
    town = Path(shutil.copytree(EXAMPLE_TOWN, tmp_path / "town"))
    with (town / "town.yaml").open("a", encoding="utf-8") as file:
        file.write("\ndemonstration: true\n")
    return town


def told(folder: Path, said: dict[str, str]) -> dict[str, str]:
    return told_settings(said, is_demonstration=is_demonstration(folder))


def on_a_server(folder: Path) -> dict[str, str]:
    """Return the text of each file of a server of this town, whose settings name real accounts."""
    town = Town((*own_accounts(folder), *third_parties(folder)), ())
    files = files_of(town, told(folder, SETTINGS | GIVEN), SECRETS)
    return {path: file.text for path, file in files.items()}


def in_containers(folder: Path) -> dict[str, dict[str, str]]:
    return container_environments(own_accounts(folder), told(folder, SETTINGS | GIVEN | ELSEWHERE), SECRETS)


def test_no_file_of_a_server_holds_what_opens_an_account(demonstration: Path) -> None:
    assert not [path for path, text in on_a_server(demonstration).items() if "given-" in text]
    assert len([path for path, text in on_a_server(EXAMPLE_TOWN).items() if "given-" in text]) > 3, "as a town's do"


def test_no_container_is_given_it(demonstration: Path) -> None:
    assert "given-" not in repr(in_containers(demonstration))
    assert "given-" in repr(in_containers(EXAMPLE_TOWN))


def test_whoever_would_write_mail_is_told_of_a_relay_that_is_nowhere(demonstration: Path) -> None:
    given = in_containers(demonstration)
    assert {own["GUICHET_SMTP_HOST"] for own in given.values() if "GUICHET_SMTP_HOST" in own} == {
        "demonstration.invalid"
    }


def test_a_demonstration_keeps_its_own_settings(demonstration: Path) -> None:
    assert told(demonstration, SETTINGS)["GUICHET_PORTAL_URL"] == SETTINGS["GUICHET_PORTAL_URL"]
