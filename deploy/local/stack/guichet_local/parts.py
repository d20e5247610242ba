"""The parts of one stack, the servers and the services' processes: started, watched, stopped by name."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

from guichet_local.errors import StartFailedError
from guichet_local.machine.health import is_ready
from guichet_local.machine.process import end_with_parent, last_words, wait_until
from guichet_local.machine.report import Report
from guichet_local.processes.service_process import ServiceProcess, further_process
from guichet_local.processes.supervisor import Supervisor
from guichet_local.processes.supervisor_config import Program
from guichet_local.servers import Server

READY_WITHIN: Final = timedelta(minutes=3)
TRIED_FOR: Final = timedelta(seconds=20)
BETWEEN_LOOKS: Final = timedelta(milliseconds=100)
SERVERS_FIRST: Final = 10  # supervisord's priority: started before the services, stopped after them


class Parts:
    """What supervisord runs for us. `servers` and `processes` may be changed until `write`."""

    def __init__(self, supervisor: Supervisor, logs: Path, say: Report) -> None:
        self.servers: dict[str, Server] = {}
        self.processes: dict[str, ServiceProcess] = {}
        self.values: Mapping[str, str] = {}
        self._supervisor = supervisor
        self._logs = logs
        self._say = say

    def write(self) -> None:
        """Tell supervisord's file of every part."""
        servers = [
            Program(
                name,
                [*end_with_parent(), *server.command()],
                self._log(name),
                priority=SERVERS_FIRST,
                patience=server.patience_s,
            )
            for name, server in self.servers.items()
        ]
        self._supervisor.write([*servers, *map(self._program, self.processes.values())])

    def start(self, names: Iterable[str]) -> None:
        """Start parts at the same time and return when all are ready. Raises StartFailedError."""
        waiting = list(names)
        for name in waiting:
            self._supervisor.begin(name)
        pids = {state.name: state.pid for state in self._supervisor.states()}
        wait_until(
            lambda: self._all_are_ready(waiting),
            "every part is ready",
            READY_WITHIN,
            lambda: self._raise_if_ended(waiting, pids),
            BETWEEN_LOOKS,
        )

    def begin(self, names: Iterable[str]) -> None:
        """Start parts, and wait for none of them."""
        for name in names:
            self._supervisor.begin(name)

    def report(self, names: Iterable[str], within: timedelta = TRIED_FOR) -> None:
        """Say of parts that were begun whether they are ready. Nothing else depends on them, so none of them raises."""
        waiting = list(names)
        with suppress(StartFailedError):
            wait_until(
                lambda: self._all_are_ready(waiting) or not self._any_runs(waiting),
                "they are ready",
                within,
                every=BETWEEN_LOOKS,
            )
        for name in waiting:
            self._say(f"{name} is not ready: {self._log(name)} says why. Everything else runs without it")

    def add_and_start(self, processes: Iterable[ServiceProcess]) -> None:
        """Start further processes while the stack runs."""
        added = {process.name: process for process in processes}
        self.processes |= added
        self.write()
        for name in added:
            self._supervisor.add(name)
        self.start(added)

    def stop_and_remove(self, names: Iterable[str]) -> None:
        """Stop processes while the stack runs, and forget them."""
        for name in names:
            self._supervisor.end(name)
            del self.processes[name]
            self.write()
            self._supervisor.remove(name)

    def scale(self, name: str, count: int) -> list[str]:
        """Run `count` processes of a service; return the processes' names."""
        service = self.processes[name].service
        wanted = {f"{name}-{number}": number for number in range(2, count + 1)}
        surplus = [each for each, process in self.processes.items() if process.service is service]
        self.stop_and_remove(set(surplus) - {name, *wanted})
        self.add_and_start(
            further_process(service, number) for each, number in wanted.items() if each not in self.processes
        )
        return [name, *wanted]

    def is_ready(self, name: str) -> bool:
        """True when the part serves."""
        if name in self.servers:
            return self.servers[name].is_ready()
        return is_ready(self.processes[name].health_port)

    def _any_runs(self, names: Iterable[str]) -> bool:
        return any(state.runs for state in self._supervisor.states() if state.name in set(names))

    def _all_are_ready(self, waiting: list[str]) -> bool:
        for name in [each for each in waiting if self.is_ready(each)]:
            waiting.remove(name)
            self._say(f"{name} is ready")
        return not waiting

    def _raise_if_ended(self, waiting: list[str], first_pids: Mapping[str, int]) -> None:
        for state in self._supervisor.states():
            if state.name in waiting and state.pid != first_pids[state.name]:
                status = "" if state.runs else f" (status {state.exit_status})"  # else it was started again
                raise StartFailedError(f"{state.name} ended{status}. {last_words(self._log(state.name))}")

    def _program(self, process: ServiceProcess) -> Program:
        command = [*end_with_parent(), *process.command()]
        environment = process.environment(self.values)
        mistrusted = process.service.is_third_party
        return Program(process.name, command, self._log(process.name), environment, is_mistrusted=mistrusted)

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"
