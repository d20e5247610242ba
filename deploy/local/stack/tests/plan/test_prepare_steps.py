from pathlib import Path

import pytest

from guichet_local.errors import StartFailedError
from guichet_local.machine.paths import TOWN
from guichet_local.plan.preparation import (
    DEMONSTRATION,
    NOTHING,
    PREPARATION,
    PrepareStep,
    preparation_of,
    servers_alone,
)
from guichet_local.processes.run_steps import run_steps

STAND_IN_FOR_THE_COMMAND = """
import pathlib, sys
if sys.argv[1] == "fail":
    sys.exit("Town file: line 3: no such department. Correct it.")
with open(pathlib.Path(__file__).with_name("calls"), "a") as calls:
    print(*sys.argv[1:], file=calls)
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "guichet_cli.py").write_text(STAND_IN_FOR_THE_COMMAND)
    return {"PYTHONPATH": str(tmp_path)}


def test_a_step_runs_each_time_unless_it_is_for_the_first_start(tmp_path: Path, environment: dict[str, str]) -> None:
    steps = [PrepareStep(("topics", "create")), PrepareStep(("registry", "import", "{folder}/c.csv"), once=True)]
    for _ in range(2):
        run_steps(steps, tmp_path, lambda *_: environment)
    calls = (tmp_path / "calls").read_text().splitlines()
    assert sorted(calls) == [f"registry import {tmp_path}/c.csv", "topics create", "topics create"]


def test_a_failing_step_says_what_it_said_and_is_tried_again(tmp_path: Path, environment: dict[str, str]) -> None:
    for _ in range(2):
        with pytest.raises(StartFailedError, match=r"guichet fail here failed: Town file: line 3.*Correct it"):
            run_steps([PrepareStep(("fail", "here"), once=True)], tmp_path, lambda *_: environment)


def test_citizens_are_imported_once_so_that_nobody_erased_comes_back() -> None:
    assert [step.once for step in PREPARATION.meanwhile if step.name == "registry-import"] == [True]


def test_servers_alone_know_who_restores_and_a_store_of_the_user_s_own_is_left_alone() -> None:
    assert [step.name for step in servers_alone({}).before] == ["store-users"]
    assert servers_alone({"GUICHET_MONGODB_URI": "mongodb://db"}) == NOTHING


def test_agents_are_created_where_there_is_a_desk_for_them() -> None:
    everywhere = {step.name for step in (*PREPARATION.before, *PREPARATION.meanwhile)}
    without_desk = PREPARATION.of({"case-router", "notifier"})
    assert {step.name for step in (*without_desk.before, *without_desk.meanwhile)} == everywhere - {"agents-create"}
    assert PREPARATION.of({"case-router", "agent-desk"}) == PREPARATION


def test_a_demonstration_is_filled_and_any_other_town_gets_the_examples_citizens(tmp_path: Path) -> None:
    (tmp_path / "town.yaml").write_text((TOWN / "town.yaml").read_text("utf-8") + "\ndemonstration: true\n", "utf-8")
    assert preparation_of({"GUICHET_TOWN": str(tmp_path)}) is DEMONSTRATION
    assert preparation_of({}) is PREPARATION
    assert preparation_of({"GUICHET_TOWN": str(tmp_path / "nowhere")}) is PREPARATION
