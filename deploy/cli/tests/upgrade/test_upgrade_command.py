"""What an upgrade runs, in which order, and where it stops; the programs themselves are replaced."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from guichet.contracts.topics import CASE_COMMANDS
from guichet.kafka.admin.offsets import Lag
from guichet_cli.__main__ import app
from guichet_cli.upgrade import command
from guichet_cli.upgrade.decisions import DECIDING, undecided
from guichet_cli.upgrade.plan import DOORS, TARGET, Wanted, plan

CODE = Path("/opt/guichet")
BY_HAND = [
    "(wait)",
    "guichet town migrate",
    "guichet backup nightly --with-ledger --for-upgrade",
    "guichet prepare",
    "guichet backup upgraded",
]


def words(wanted: Wanted) -> list[str]:
    return [" ".join(step.words) if step.words else "(wait)" for step in plan(wanted)]


def test_an_upgrade_backs_up_before_it_changes_anything() -> None:
    assert words(Wanted(CODE, "v1.2")) == [
        "git -C /opt/guichet fetch --tags --quiet",
        "git -C /opt/guichet rev-parse --quiet --verify v1.2^{commit}",
        f"systemctl stop {' '.join(DOORS)}",
        "(wait)",
        f"systemctl stop {TARGET}",
        "guichet backup nightly --with-ledger --for-upgrade",
        "git -C /opt/guichet checkout --quiet --detach v1.2",
        "/opt/guichet/deploy/server/install.sh",
        "guichet town migrate",
        "guichet-server apply",
        "guichet prepare",
        "guichet backup upgraded",
        f"systemctl start {TARGET}",
    ]


def test_by_hand_it_neither_stops_nor_starts_nor_fetches() -> None:
    assert words(Wanted(CODE, managed=False)) == BY_HAND


def test_the_newer_version_makes_way_and_the_older_puts_its_own_back() -> None:
    found = words(Wanted(CODE, "v1.1", back=Path("/b"), ledger=Path("/v"), managed=False))
    assert found == [
        "git -C /opt/guichet fetch --tags --quiet",
        "git -C /opt/guichet rev-parse --quiet --verify v1.1^{commit}",
        "(wait)",
        "guichet backup check /b",
        "guichet backup upgraded",
        "guichet restore make-way /b --ledger /v",
        "git -C /opt/guichet checkout --quiet --detach v1.1",
        "/opt/guichet/deploy/bootstrap.sh",
        "guichet restore data /b --replace --yes",
        "guichet prepare",
    ]


Ran = list[str]


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> Ran:
    programs: Ran = []
    monkeypatch.setattr(command, "_run", lambda words: programs.append(" ".join(words)) or 0)

    async def decided(_wanted: Wanted) -> None:
        programs.append("(wait)")

    monkeypatch.setattr(command, "_until_decided", decided)
    return programs


def test_it_runs_each_step_and_says_which(ran: Ran) -> None:
    result = CliRunner().invoke(app, ["upgrade", "--by-hand"])
    assert result.exit_code == 0, result.output
    assert ran == BY_HAND
    assert "3/5  Back up" in result.output
    assert "Start the services" in result.output


def test_what_fails_ends_it_there(ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_run", lambda words: ran.append(words[1]) or 3)
    result = CliRunner().invoke(app, ["upgrade", "--by-hand"])
    assert result.exit_code == 1
    assert "`guichet town migrate` ended with status 3" in result.output
    assert ran == ["(wait)", "town"]


def test_going_back_to_what_git_does_not_know_ends_before_anything_is_changed(
    ran: Ran, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "_run", lambda words: ran.append(words[3]) or int("rev-parse" in words))
    result = CliRunner().invoke(app, ["upgrade", "--by-hand", "--back", str(tmp_path), "--to", "v1.l", "--yes"])
    assert result.exit_code == 1
    assert ran == ["fetch", "rev-parse"]


def test_going_back_leaves_the_rest_on_the_screen_for_a_version_that_has_no_such_command(
    ran: Ran, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "_run", lambda words: ran.append(words[0]) or int("data" in words))
    result = CliRunner().invoke(app, ["upgrade", "--by-hand", "--back", str(tmp_path), "--to", "v1.1", "--yes"])
    assert result.exit_code == 1
    shown = result.output.split("Put version v1.1 in place.")[0]
    rest = [line.strip() for line in shown.splitlines() if line.startswith("    ")]
    assert rest[0].endswith("/deploy/bootstrap.sh")
    assert rest[1:] == [f"guichet restore data {tmp_path} --replace --yes", "guichet prepare"]
    assert "go on by hand with the commands above" in " ".join(result.output.split())


def test_a_dry_run_does_nothing(ran: Ran) -> None:
    result = CliRunner().invoke(app, ["upgrade", "--to", "v1.2", "--dry-run"])
    assert "checkout --quiet --detach v1.2" in result.output
    assert ran == []


def test_going_back_is_asked_first(ran: Ran, tmp_path: Path) -> None:
    asked = CliRunner().invoke(app, ["upgrade", "--by-hand", "--back", str(tmp_path)], input="n\n")
    assert asked.exit_code == 1
    assert "Decisions of agents since the backup are lost" in asked.output
    assert ran == []
    assert CliRunner().invoke(app, ["upgrade", "--by-hand", "--back", str(tmp_path), "--yes"]).exit_code == 0
    assert f"guichet restore data {tmp_path} --replace --yes" in ran


class Standing:
    def __init__(self, waiting: int) -> None:
        self._waiting = waiting

    async def lags(self, topics: Any) -> list[Lag]:
        assert {*topics} == {*DECIDING}
        return [Lag("case-router", CASE_COMMANDS.name, 0, committed=5, begin=0, end=5 + self._waiting)]


@pytest.mark.parametrize("waiting", [0, 3])
async def test_decisions_on_their_way_are_counted(waiting: int) -> None:
    assert await undecided(Standing(waiting)) == waiting


def test_a_program_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing: Callable[[str], None] = lambda _name: None  # noqa: E731
    monkeypatch.setattr(command.shutil, "which", nothing)
    with pytest.raises(Exception, match=r"has no systemctl\. Do it by hand: systemctl start"):
        command._run(("systemctl", "start", TARGET))
