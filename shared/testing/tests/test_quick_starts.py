"""A process that the quick supervisord forks sees and says what one that is executed does."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from guichet_local.machine.process import end_with_parent
from guichet_local.processes import supervisor
from guichet_local.processes.supervisor_config import Program
from guichet_testing.forks.become import module_of, run
from guichet_testing.until import until

REPORT = """
import atexit, ctypes, json, os, signal, sys
dies_with_parent = ctypes.c_int()
ctypes.CDLL(None).prctl(2, ctypes.byref(dies_with_parent))
said = {
    "name": __name__, "argv": sys.argv, "cwd": os.getcwd(), "dies_with_parent": dies_with_parent.value,
    "environment": {name: value for name, value in os.environ.items() if name not in {"LC_CTYPE", "SUPERVISOR_SERVER_URL"}},
    "handlers": {each.name: str(signal.getsignal(each)) for each in signal.valid_signals() if hasattr(each, "name")},
    "open": sorted(os.listdir("/proc/self/fd"))[:3], "main": sys.modules["__main__"].__file__,
}
atexit.register(print, "ended in order")
print(json.dumps(said), flush=True)
sys.exit(int(os.environ["STATUS"]))
"""


async def said_by(program: str, status: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, str, int]:
    """Return what the process reports, what it says besides, and the status it ends with."""
    monkeypatch.setattr(supervisor, "SUPERVISORD", program)
    (folder / "reporting").mkdir(parents=True)
    (folder / "reporting" / "__init__.py").touch()
    (folder / "reporting" / "__main__.py").write_text(REPORT)
    environment = {"PYTHONPATH": str(folder), "PATH": os.environ["PATH"]}
    log, ours = folder / "report.log", supervisor.Supervisor(folder / "supervisor", folder / "supervisor.log")
    command = [*end_with_parent(), sys.executable, "-m", "reporting"]
    ours.write([Program("reporting", command, log, environment | {"STATUS": status})])
    ours.start(environment, detached=False)
    try:
        ours.begin("reporting")
        ended = await until(
            lambda: state if (state := ours.state_of("reporting")).state in supervisor.ENDED else None, "it has ended"
        )
        report, rest = log.read_text().split("\n", 1)
        return json.loads(report.replace(str(folder), "FOLDER")), rest, ended.exit_status
    finally:
        ours.shutdown()


@pytest.mark.parametrize("status", ["0", "75"])  # those after which it is not started again
async def test_a_forked_process_is_what_an_executed_one_is(
    status: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    executed = await said_by("supervisor.supervisord", status, tmp_path / "executed", monkeypatch)
    forked = await said_by("guichet_testing.town.quick_starts", status, tmp_path / "forked", monkeypatch)
    assert forked == executed
    assert forked[1:] == ("ended in order\n", int(status))


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [
        ("pass", 0, ""),
        ("raise SystemExit", 0, ""),
        ("raise SystemExit(3)", 3, ""),
        ("raise SystemExit('it says why')", 1, "it says why"),
        ("raise OSError('it fails')", 1, "OSError: it fails"),
    ],
)
def test_it_ends_with_the_status_that_python_would_end_with(
    code: str,
    status: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    name = f"ending_{abs(hash(code))}"
    (tmp_path / f"{name}.py").write_text(code)
    assert run(name) == status
    assert capsys.readouterr().err.strip().endswith(said)


@pytest.mark.parametrize(
    ("command", "module"),
    [
        ([*end_with_parent(), sys.executable, "-m", "case_router"], "case_router"),
        ([*end_with_parent(), sys.executable, "-m", "a.module", "an-argument"], None),
        ([sys.executable, "-m", "case_router", *end_with_parent()], None),
        ([*end_with_parent(), "/usr/bin/mongod", "-m", "case_router"], None),
    ],
)
def test_what_is_no_bare_module_of_this_python_is_executed(command: list[str], module: str | None) -> None:
    assert module_of(command) == module
