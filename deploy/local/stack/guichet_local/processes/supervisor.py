"""Supervisord (https://supervisord.org): it keeps the processes alive and writes their logs."""

import contextlib
import hashlib
import http.client
import os
import sys
import tempfile
import xmlrpc.client
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import psutil
from supervisor.xmlrpc import Faults, SupervisorTransport

from guichet_local.machine.private_file import write_private
from guichet_local.machine.process import ServerProcess, wait_until
from guichet_local.plan.ports import is_server
from guichet_local.processes.supervisor_config import Program, render

SUPERVISORD = "supervisor.supervisord"  # what is run; tests of a whole town have one that starts services quicker
STOP_LIMIT: Final = timedelta(seconds=60)
LONGEST_SOCKET_PATH: Final = 100  # the system allows 107 bytes
STOPPABLE: Final = frozenset({"RUNNING", "STARTING", "BACKOFF"})  # BACKOFF: ended, and about to be started again
ENDED: Final = frozenset({"STOPPED", "EXITED", "FATAL", "UNKNOWN"})


@dataclass(frozen=True)
class ProcessState:
    """What supervisord says of one process: its state in supervisord's words, pid 0 when it does not run."""

    name: str
    state: str
    pid: int
    exit_status: int
    since: int

    @property
    def runs(self) -> bool:
        """True while there is a process."""
        return self.state in {"RUNNING", "STARTING"}


class Supervisor:
    """One supervisord and the programs it was told of, in `folder` (0700: its file holds secrets)."""

    def __init__(self, folder: Path, log: Path) -> None:
        self._folder = folder
        self._log = log
        self._config = folder / "supervisord.conf"
        self._socket = socket_path(folder)
        self._process: ServerProcess | None = None

    @property
    def is_running(self) -> bool:
        """True when a supervisord of this folder answers, whoever started it."""
        try:
            with self._call() as call:
                call.getState()
        except (OSError, http.client.HTTPException):
            return False
        return True

    def start(self, environment: Mapping[str, str], *, detached: bool) -> None:
        """Start supervisord, its programs not yet. Unless `detached` it ends when we end."""
        command = [sys.executable, "-m", SUPERVISORD, "-c", str(self._config)]
        self._process = ServerProcess("supervisord", command, self._log, environment, outlives_us=detached)
        self._process.start()
        wait_until(lambda: self.is_running, "supervisord answers", check=self._process.raise_if_ended)

    def write(self, programs: Iterable[Program]) -> None:
        """Write the configuration file."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(self._config, render(programs, self._folder, self._socket))

    def add(self, name: str) -> None:
        """Take up a program that was newly written."""
        with self._call() as call:
            call.reloadConfig()
            call.addProcessGroup(name)

    def remove(self, name: str) -> None:
        """Forget a stopped program that is no longer written."""
        with self._call() as call:
            call.reloadConfig()
            call.removeProcessGroup(name)

    def begin(self, name: str) -> None:
        """Start one program, if it does not run."""
        with self._call() as call:
            if not self.state_of(name).runs:
                call.startProcess(name, False)

    def end(self, *names: str) -> None:
        """Stop programs, all at the same time, and return when they are gone."""
        wait_until(lambda: self._have_ended(names), "stopped", STOP_LIMIT)

    def _have_ended(self, names: Collection[str]) -> bool:
        """Tell those that run to stop, and who was started again meanwhile, too; say whether all are gone."""
        for name in names:
            if self.state_of(name).state in STOPPABLE:
                self._tell_to_stop(name)
        return all(self.state_of(name).state in ENDED for name in names)

    def _tell_to_stop(self, name: str) -> None:
        with self._call() as call:
            try:
                call.stopProcess(name, False)
            except xmlrpc.client.Fault as fault:
                if fault.faultCode != Faults.NOT_RUNNING:  # it ended by itself since we looked
                    raise

    def kill(self, name: str) -> None:
        """SIGKILL; supervisord starts it again."""
        with self._call() as call:
            try:
                call.signalProcess(name, "KILL")
            except xmlrpc.client.Fault as fault:
                if fault.faultCode != Faults.NOT_RUNNING:  # it is dead already, and about to be started again
                    raise

    def states(self) -> list[ProcessState]:
        """What supervisord says of every program."""
        with self._call() as call:
            return [_state(info) for info in call.getAllProcessInfo()]

    def state_of(self, name: str) -> ProcessState:
        """What supervisord says of one program."""
        with self._call() as call:
            return _state(call.getProcessInfo(name))

    def stop_everything(self) -> None:
        """Stop the services together, then the servers together, then supervisord. Does nothing when none runs."""
        if not self.is_running:
            return
        names = {state.name for state in self.states()}
        servers = {name for name in names if is_server(name)}
        self.end(*(names - servers))
        self.end(*servers)
        self.shutdown()

    def shutdown(self) -> None:
        """Stop every program, the last started first, then supervisord; return when it is gone."""
        with self._call() as call:
            pid = call.getPID()
            with contextlib.suppress(xmlrpc.client.Fault):  # it is stopping already
                call.shutdown()
        wait_until(lambda: _is_gone(pid), "supervisord stops", STOP_LIMIT)

    @contextlib.contextmanager
    def _call(self) -> Any:
        transport = SupervisorTransport(serverurl=f"unix://{self._socket}")
        with xmlrpc.client.ServerProxy("http://127.0.0.1", transport) as proxy:
            yield proxy.supervisor


def supervisor_of(folder: Path) -> Supervisor:
    """The supervisor of the stack in this folder, whether it runs or not."""
    return Supervisor(folder / "supervisor", folder / "logs" / "supervisor.log")


def socket_path(folder: Path) -> Path:
    """Beside the configuration; in the system's temporary folder where that path is too long for a socket."""
    near = folder / "supervisord.sock"
    if len(os.fsencode(near)) <= LONGEST_SOCKET_PATH:
        return near
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"guichet-{os.getuid()}-{digest}.sock"


def _state(info: Any) -> ProcessState:
    return ProcessState(info["name"], info["statename"], info["pid"], info["exitstatus"], info["start"])


def _is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE  # its starter has not looked yet
    except psutil.NoSuchProcess:
        return True
