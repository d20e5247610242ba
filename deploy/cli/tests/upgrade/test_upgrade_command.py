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
from guichet_cli.upgrade.plan import DOORS, TARGET, Left, Wanted, plan

CODE = Path("/opt/guichet")
SERVERS = ("guichet-kafka.service", "guichet-mongod.service")
BY_HAND = [
    "(wait)",
    "guichet town migrate",
    "guichet backup nightly --with-ledger --for-upgrade",
    "guichet prepare",
    "guichet backup upgraded",
]


def words(wanted: Wanted) -> list[str]:
    return [step.shown for step in plan(wanted)]


def test_an_upgrade_backs_up_before_it_changes_anything() -> None:
    assert words(Wanted(CODE, "v1.2", servers=SERVERS)) == [
        "git -C /opt/guichet fetch --tags",
        "git -C /opt/guichet rev-parse --quiet --verify v1.2^{commit}",
        "git -C /opt/guichet read-tree -n -m -u HEAD v1.2",
        "/opt/guichet/deploy/server/try_install.sh v1.2",
        f"systemctl stop {' '.join(DOORS)}",
        "(wait)",
        f"systemctl stop {TARGET}",
        "guichet backup nightly --with-ledger --for-upgrade",
        f"systemctl stop {' '.join(SERVERS)}",
        "git -C /opt/guichet checkout --quiet --detach v1.2",
        "/opt/guichet/deploy/server/install.sh",
        "guichet town migrate",
        "guichet-server apply",
        f"systemctl start {' '.join(SERVERS)}",
        "guichet prepare",
        f"systemctl start {TARGET}",
        "guichet-server wait",
        "guichet backup upgraded",
    ]


def test_by_hand_it_neither_stops_nor_starts_nor_fetches() -> None:
    assert words(Wanted(CODE, managed=False)) == BY_HAND


def test_the_newer_version_makes_way_and_the_older_puts_its_own_back() -> None:
    found = words(Wanted(CODE, "v1.1", back=Path("/b"), ledger=Path("/v"), managed=False))
    assert found == [
        "git -C /opt/guichet fetch --tags",
        "git -C /opt/guichet rev-parse --quiet --verify v1.1^{commit}",
        "git -C /opt/guichet read-tree -n -m -u HEAD v1.1",
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
    result = CliRunner().invoke(app, ["upgrade", "--by-hand", "--lang", "en"])
    assert result.exit_code == 0, result.output
    assert ran == BY_HAND
    assert "3/5  Back up" in result.output
    assert "Start the services" in result.output


def test_french_is_what_is_said_unless_somebody_asks(ran: Ran) -> None:
    result = CliRunner().invoke(app, ["upgrade", "--by-hand"])
    assert "3/5  Sauvegarder, et relire la sauvegarde" in result.output
    assert "Terminé. Démarrez les services." in result.output


def test_what_fails_ends_it_there(ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_run", lambda words: ran.append(words[1]) or 3)
    result = CliRunner().invoke(app, ["upgrade", "--by-hand"])
    assert result.exit_code == 1
    assert "« guichet town migrate » a échoué (code 3)." in result.output
    assert "Corrigez, puis relancez : guichet upgrade --by-hand" in result.output
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
    shown = result.output.split("Mettre la version v1.1 en place.")[0]
    rest = [line.strip() for line in shown.splitlines() if line.startswith("    ")]
    assert rest[0].endswith("/deploy/bootstrap.sh")
    assert rest[1:] == [f"guichet restore data {tmp_path} --replace --yes", "guichet prepare"]
    assert "continuez à la main par les commandes ci-dessus" in " ".join(result.output.split())


def test_a_dry_run_does_nothing(ran: Ran) -> None:
    result = CliRunner().invoke(app, ["upgrade", "--to", "v1.2", "--dry-run"])
    assert "checkout --quiet --detach v1.2" in result.output
    assert ran == []


def test_going_back_is_asked_first(ran: Ran, tmp_path: Path) -> None:
    asked = CliRunner().invoke(app, ["upgrade", "--by-hand", "--back", str(tmp_path)], input="n\n")
    assert asked.exit_code == 1
    assert "Les décisions des agents depuis la sauvegarde sont perdues" in asked.output
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
    with pytest.raises(command.NotDoneError, match=r"has no systemctl: do it by hand"):
        command._run(("systemctl", "start", TARGET))


def failing_at(ran: Ran, monkeypatch: pytest.MonkeyPatch, *words: str) -> str:
    """Run an upgrade of a server, one of whose programs fails; return what is said."""
    monkeypatch.setattr(command, "remember_version", lambda _code: None)
    monkeypatch.setattr(command, "_begun", lambda _wanted: Left.RUNNING)
    monkeypatch.setattr(command, "_run", lambda run: ran.append(" ".join(run)) or int({*words} <= {*run}))
    result = CliRunner().invoke(app, ["upgrade", "--to", "v1.2"])
    assert result.exit_code == 1
    return result.output


def test_with_the_code_of_before_services_are_started_again(ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    said = failing_at(ran, monkeypatch, "nightly")
    assert ran[-2:] == [f"systemctl start {TARGET}", "guichet backup upgraded"]
    assert "les services sont relancés : la ville continue" in said


def test_nothing_is_started_that_was_not_stopped(ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Rien n’a été arrêté ni changé" in failing_at(ran, monkeypatch, "fetch")
    assert [each for each in ran if "systemctl" in each] == []


def test_new_code_is_not_started_on_a_store_that_is_not_prepared(ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    failing_at(ran, monkeypatch, "prepare")
    assert not [each for each in ran if each == f"systemctl start {TARGET}"]


def test_who_interrupts_it_is_told_too(ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_words: Any) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "_run", interrupted)
    result = CliRunner().invoke(app, ["upgrade", "--by-hand"])
    assert result.exit_code == 1
    assert "(interrompu)" in result.output
