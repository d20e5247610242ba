"""`guichet-server apply` says what to type for a change to count, in the order in which nothing is refused meanwhile."""

from pathlib import Path

import pytest

from guichet_server.apply.report import report
from guichet_server.apply.town_files import town_files
from guichet_server.apply.write import write_files
from guichet_server.layout import SECRETS, TOWN_FILES
from guichet_server.render.everything import CADDYFILE, TRANSPORT_TABLE, UNITS

RESTART = "To take it up: systemctl restart guichet.target && guichet-server wait"


def a_town(folder: Path) -> Path:
    (folder / "templates").mkdir(parents=True)
    (folder / "templates" / "receipt_mail.txt").write_text("Reçu")
    (folder / "agents.yaml").write_text("agents: []")
    return folder


@pytest.mark.parametrize("changed", ["agents.yaml", "templates/receipt_mail.txt", "organisation.yaml"])
def test_a_change_of_the_town_s_files_is_one(tmp_path: Path, changed: str) -> None:
    """Services read them once, at start: an agent who was added signs in after that, and not before."""
    town = a_town(tmp_path / "town")
    assert write_files(town_files(town), tmp_path) == [TOWN_FILES]
    assert write_files(town_files(town), tmp_path) == []
    (town / changed).write_text("another")
    assert write_files(town_files(town), tmp_path) == [TOWN_FILES]
    assert report([TOWN_FILES], [], is_running=True) == ["The town's files have changed.", RESTART]


def test_what_no_service_reads_is_no_change(tmp_path: Path) -> None:
    town = a_town(tmp_path / "town")
    write_files(town_files(town), tmp_path)
    (town / "checklist.yaml").write_text("done: {}")
    (town / "citizens.csv").write_text("")
    assert write_files(town_files(town), tmp_path) == []


def test_services_know_a_mailbox_before_postfix_hands_it_over() -> None:
    """In the other order a citizen's mail is refused for good (550)."""
    lines = report([TRANSPORT_TABLE, CADDYFILE, TOWN_FILES, f"{SECRETS}/notifier.env"], [], is_running=True)
    assert lines[-3:] == [RESTART, "To take it up: systemctl reload caddy", "To take it up: systemctl reload postfix"]


def test_a_first_time_restarts_nothing() -> None:
    lines = report([f"{UNITS}/guichet.target", CADDYFILE], [], is_running=False)
    assert not any("restart" in line for line in lines)
    assert "Guichet does not run: what was written counts from its start." in lines


def test_nothing_is_said_in_two_words() -> None:
    assert report([], [], is_running=True) == ["Nothing changed."]
