"""What an operator is told where a step fails: what is as it was, and what to type, wherever that is."""

from pathlib import Path

import pytest

from guichet_cli.console.language import words
from guichet_cli.upgrade.failed import Before, after_failure
from guichet_cli.upgrade.plan import Step, Wanted, plan

CODE = Path("/opt/guichet")
BACKUP = Path("/var/backups/guichet/data/data-1")
WANTED = Wanted(CODE, "v1.2", servers=("guichet-kafka.service",))
BEFORE = Before("v1.1", BACKUP)
AGAIN = "Corrigez, puis relancez : guichet upgrade --to v1.2"


def step_of(shown: str, wanted: Wanted = WANTED) -> Step:
    return next(each for each in plan(wanted) if shown in each.shown)


def told(shown: str, *, before: Before = BEFORE, resumed: bool = False, wanted: Wanted = WANTED) -> str:
    step = step_of(shown, wanted)
    said = after_failure(step, wanted, before, left=step.left, resumed=resumed, wrong=words("code 1", "status 1"))
    return "\n".join(each.fr for each in said)


@pytest.mark.parametrize("shown", ["fetch", "rev-parse", "read-tree", "try_install.sh"])
def test_before_anything_stops_the_town_goes_on(shown: str) -> None:
    said = told(shown)
    assert "Rien n’a été arrêté ni changé : la ville continue avec la version d’avant." in said
    assert AGAIN in said
    assert "git -C" not in said.partition("\n")[2]


@pytest.mark.parametrize("shown", ["stop guichet-agent-desk", "backup nightly", "stop guichet-kafka"])
def test_until_the_code_is_changed_the_services_are_started_again(shown: str) -> None:
    said = told(shown, resumed=True)
    assert "les services sont relancés : la ville continue" in said
    assert AGAIN in said
    assert "pour les relancer : systemctl start guichet.target" in told(shown)


@pytest.mark.parametrize("shown", ["checkout", "install.sh", "town migrate", "guichet-server apply"])
def test_with_the_code_changed_the_old_one_is_put_back_by_hand(shown: str) -> None:
    before = Before("v1.1", BACKUP, (Path("/etc/guichet/town"), Path("/etc/guichet/town.v1")))
    said = told("deploy/server/install.sh" if shown == "install.sh" else shown, before=before)
    assert AGAIN in said
    assert said.endswith(
        "Ou revenez à v1.1 : git -C /opt/guichet checkout --quiet --detach v1.1 && /opt/guichet/deploy/server/install.sh"
        " && rm -r /etc/guichet/town && cp -r /etc/guichet/town.v1 /etc/guichet/town && guichet-server apply"
        " && systemctl start guichet-kafka.service guichet.target && guichet backup upgraded"
    )


@pytest.mark.parametrize("shown", ["guichet prepare", "start guichet.target", "guichet-server wait"])
def test_once_the_store_is_changed_the_backup_is_named(shown: str) -> None:
    said = told(shown)
    assert AGAIN in said
    assert f"Ou revenez à v1.1, sans perdre de message : guichet upgrade --back {BACKUP} --to v1.1" in said


def test_a_way_back_that_fails_goes_on_by_hand() -> None:
    wanted = Wanted(CODE, "v1.1", back=BACKUP)
    assert "continuez à la main par les commandes ci-dessus" in told("restore data", wanted=wanted)
    assert "la ville continue" in told("fetch", wanted=wanted)
    assert f"relancez : guichet upgrade --back {BACKUP}" in told("make-way", wanted=Wanted(CODE, back=BACKUP))


def test_where_nobody_knows_the_version_of_before_no_command_is_made_up() -> None:
    assert "Ou revenez" not in told("guichet prepare", before=Before(None, BACKUP))
    assert "Ou revenez" not in told("checkout", before=Before(None, None))
