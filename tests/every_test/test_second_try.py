"""A test that fails among all others is tried once more, alone, and named; what fails twice has failed."""

import subprocess
import sys
from pathlib import Path

import pytest

from guichet_local.machine.paths import REPOSITORY
from tests.every_test.second_try import MOST, without_group, worth_a_second_try

FAILS_ONCE = """
from pathlib import Path
import pytest

@pytest.mark.xdist_group("a group")
@pytest.mark.parametrize("address", ["a@example.fr"])
def test_by_chance(address):
    before = Path(__file__).with_name("tried")
    tried = before.exists()
    before.touch()
    assert tried

def test_sound():
    with Path(__file__).with_name("sound").open("a") as file:
        file.write("once\\n")
"""


# No plugin but xdist: the others take most of the time, of six processes.
ENVIRONMENT = {
    "PYTHONPATH": str(REPOSITORY),
    "PATH": "/usr/bin:/bin",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTEST_ADDOPTS": "-p xdist -p no:cacheprovider",
}


def every_test(folder: Path, source: str) -> subprocess.CompletedProcess[str]:
    """Run `make test`'s own program on one file of tests."""
    (folder / "test_some.py").write_text(source)
    (folder / "pytest.ini").write_text("[pytest]\npythonpath = " + str(REPOSITORY))
    command = [sys.executable, "-m", "tests.every_test", "-q", "-n1", "--dist=loadgroup", str(folder / "test_some.py")]
    return subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False)


def test_what_passes_alone_is_named_and_nothing_else_runs_twice(tmp_path: Path):
    done = every_test(tmp_path, FAILS_ONCE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].endswith("test_some.py::test_by_chance[a@example.fr]")
    assert "PASSED ALONE, FAILED AMONG ALL: 1." in done.stdout
    assert (tmp_path / "sound").read_text() == "once\n"


def test_what_fails_twice_has_failed(tmp_path: Path):
    done = every_test(tmp_path, "def test_never():\n    assert not 'never'\n")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "PASSED ALONE" not in done.stdout


@pytest.mark.parametrize(
    ("status", "failed", "tried"),
    [
        (pytest.ExitCode.TESTS_FAILED, 1, True),
        (pytest.ExitCode.TESTS_FAILED, MOST, True),
        (pytest.ExitCode.TESTS_FAILED, MOST + 1, False),
        (pytest.ExitCode.TESTS_FAILED, 0, False),  # a plugin said that the run failed
        (pytest.ExitCode.INTERRUPTED, 1, False),
        (pytest.ExitCode.INTERNAL_ERROR, 1, False),
        (pytest.ExitCode.OK, 0, False),
    ],
)
def test_a_few_failures_are_tried_again_and_nothing_worse(status, failed, tried):
    assert worth_a_second_try(status, [f"test_{number}" for number in range(failed)]) is tried


@pytest.mark.parametrize("name", ["test_a.py::test_b", "test_a.py::test_b[x@y]"])
def test_its_name_is_that_without_its_group(name):
    assert {without_group(name), without_group(f"{name}@test_a.py"), without_group(f"{name}@a group")} == {name}
