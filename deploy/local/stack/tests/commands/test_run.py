"""`make run` at a terminal: what it prints, and how it ends."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from guichet_local import __main__ as command
from guichet_local.commands.run import run_servers
from guichet_local.commands.terminal import Terminal
from guichet_local.errors import AlreadyRunningError
from guichet_local.machine.process import wait_until
from guichet_local.plan.preparation import NOTHING
from guichet_local.processes.supervisor import supervisor_of
from guichet_local.stack import LocalStack

A_STACK_OF_STAND_INS = """
import sys
from pathlib import Path
from guichet_local.plan.preparation import Preparation
from guichet_local.commands.run import run
from guichet_topology.services import Service
from guichet_local.stack import LocalStack
from guichet_local.commands.terminal import Terminal

here = Path(sys.argv[1])
router = Service("case-router", "stand_in", {"GUICHET_HEALTH_PORT": "case-router-health"}, ("PYTHONPATH",))
settings = {"PYTHONPATH": sys.argv[2]}
terminal = Terminal()
stack = LocalStack(here, settings=settings, services=[router], preparation=Preparation((), ()), say=terminal.step)
run(stack, terminal, detached=False)
"""


@pytest.mark.real
@pytest.mark.parametrize(
    ("end", "shell"),
    [
        (signal.SIGINT, []),
        (signal.SIGTERM, []),
        (signal.SIGHUP, []),
        (signal.SIGINT, ["bash", "-c", "trap '' INT; exec \"$@\"", "bash"]),  # as a job in the background is started
    ],
    ids=["ctrl-c", "kill", "terminal-closed", "ctrl-c-in-the-background"],
)
def test_it_ends_in_order_and_leaves_nothing_running(tmp_path: Path, end: signal.Signals, shell: list[str]) -> None:
    out = tmp_path / "out"
    arguments = [*shell, sys.executable, "-c", A_STACK_OF_STAND_INS, str(tmp_path), str(Path(__file__).parents[1])]
    with out.open("w") as shown, subprocess.Popen(arguments, stdout=shown, stderr=subprocess.STDOUT) as run:
        wait_until(lambda: out.read_text().endswith("Guichet is ready\n") or run.poll() is not None, "ready")
        parts = [psutil.Process(state.pid) for state in supervisor_of(tmp_path).states()]
        run.send_signal(end)
        ended, _ = psutil.wait_procs([run], timeout=60)
        run.kill()
        assert ended == [run], "it does not end"
    assert run.returncode == 0
    assert len(parts) == 3
    assert not any(part.is_running() for part in parts)
    assert out.read_text().splitlines()[-1] == f"Guichet has stopped. Its data stays in {tmp_path}."
    assert "Citizen sandbox" in out.read_text()


@pytest.mark.real
def test_the_servers_alone_stay_for_a_command_that_wants_every_service_stopped(tmp_path: Path, capsys) -> None:
    stack = LocalStack(tmp_path, services=(), preparation=NOTHING)
    run_servers(stack, Terminal())
    try:
        assert [state.name for state in supervisor_of(tmp_path).states()] == ["kafka", "mongodb"]
        assert "no service does" in capsys.readouterr().out
    finally:
        stack.down()


def fail(error: Exception):
    def command_that_fails(*_: object, **__: object) -> None:
        raise error

    return command_that_fails


def test_an_error_is_one_line_and_no_traceback(monkeypatch, capsys) -> None:
    monkeypatch.setattr(command, "read_status", fail(AlreadyRunningError("It runs. Stop it.")))
    monkeypatch.setattr(sys, "argv", ["guichet_local", "status"])
    assert command.main() == 1
    assert capsys.readouterr().out == "It runs. Stop it.\n"


def test_a_disk_that_fills_up_on_the_way_is_said(monkeypatch, capsys) -> None:
    monkeypatch.setattr(command, "read_status", fail(OSError(28, "No space left on device")))
    monkeypatch.setattr(sys, "argv", ["guichet_local", "status"])
    assert command.main() == 1
    assert "make room" in capsys.readouterr().out


def test_the_stacks_own_settings_go_to_no_service() -> None:
    environment = {"GUICHET_LOG_LEVEL": "debug", "GUICHET_LOCAL_KAFKA_PORT": "19092", "HOME": "/root"}
    assert command.settings_of(environment) == {"GUICHET_LOG_LEVEL": "debug"}
