"""A program that is forked is given, says and does what it would if it were executed."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from guichet_local.machine.process import end_with_parent
from guichet_testing.forks.popen import Forked, fork, run
from guichet_testing.until import until

PROGRAM = "shared.testing.tests.reporting_program"
ENVIRONMENT = {"PATH": os.environ["PATH"], "GUICHET_X": "ceci\ncela", "LANG": "C.UTF-8"}


@pytest.fixture(autouse=True)
def _at_the_root(pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(pytestconfig.rootpath)
    monkeypatch.delenv("PYTHONPATH", raising=False)


@pytest.mark.parametrize("status", ["0", "3"])
def test_it_is_given_and_says_what_an_executed_one_is(status: str) -> None:
    executed = subprocess.run(
        [*end_with_parent(), sys.executable, "-m", PROGRAM, status, "an argument"],
        env=ENVIRONMENT,
        input="déjà\n",
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
    forked = run(PROGRAM, [status, "an argument"], environment=ENVIRONMENT, typed="déjà\n")
    assert json.loads(forked.stdout) == json.loads(executed.stdout)
    assert (forked.stderr, forked.returncode) == (executed.stderr, int(status))


async def test_it_runs_until_a_signal_ends_it(tmp_path: Path) -> None:
    said = tmp_path / "said"
    with said.open("wb") as log:
        process = fork(PROGRAM, ["waits"], environment=ENVIRONMENT, stdout=log)
    await until(lambda: said.read_text().endswith("\n"), "it runs")
    assert isinstance(process, Forked)
    assert process.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.01)
    process.terminate()
    assert (process.wait(10), process.poll()) == (-signal.SIGTERM, -signal.SIGTERM)
    process.kill()  # nobody any more


def test_with_another_path_to_import_from_it_is_executed() -> None:
    process = fork(PROGRAM, ["3"], environment=ENVIRONMENT | {"PYTHONPATH": "elsewhere"})
    assert not isinstance(process, Forked)
    assert process.wait(10) == 3
