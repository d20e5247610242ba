"""What the supervisor is asked, where a program's state changes between two questions."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault

import pytest
from supervisor.xmlrpc import Faults

from guichet_local.processes.supervisor import ProcessState, Supervisor


class Scripted(Supervisor):
    """A supervisor of which one program goes through these states, one at each look; then it stays in the last."""

    def __init__(self, *states: str, fault: int | None = None) -> None:
        super().__init__(Path("/nowhere"), Path("/nowhere/log"))
        self._states, self._fault, self.told = [*states], fault, 0

    def state_of(self, name: str) -> ProcessState:
        state = self._states.pop(0) if len(self._states) > 1 else self._states[0]
        return ProcessState(name, state, 0, 0, 0)

    @contextlib.contextmanager
    def _call(self) -> Iterator[Any]:
        yield self

    def stopProcess(self, _name: str, _wait: bool) -> None:
        self.told += 1
        if self._fault is not None:
            raise Fault(self._fault, "as scripted")


def test_a_program_that_ends_by_itself_while_it_is_told_to_has_ended() -> None:
    supervisor = Scripted("BACKOFF", "FATAL", fault=Faults.NOT_RUNNING)
    supervisor.end("notifier")
    assert supervisor.told == 1


def test_one_that_is_started_again_meanwhile_is_told_again() -> None:
    supervisor = Scripted("RUNNING", "STARTING", "STARTING", "STOPPED")
    supervisor.end("notifier")
    assert supervisor.told == 2


def test_what_supervisord_refuses_otherwise_is_told() -> None:
    with pytest.raises(Fault, match="as scripted"):
        Scripted("RUNNING", fault=Faults.FAILED).end("notifier")
