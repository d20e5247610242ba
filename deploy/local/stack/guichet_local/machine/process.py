"""One server process that we start, wait for, watch and stop."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from guichet_local.errors import StartFailedError

LINES_SHOWN = 8


class ServerProcess:
    """A server in a process group of its own: Ctrl-C at the terminal reaches it only through us.

    On Linux the kernel also ends it should we be killed (`setpriv --pdeathsig`), so that no test run
    leaves a server behind. That signal follows the *thread* that called `start`.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        environment: Mapping[str, str] | None = None,
        *,
        outlives_us: bool = False,
    ) -> None:
        self.name = name
        self.log = log
        self._command = command if outlives_us else [*end_with_parent(), *command]
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_alive(self) -> bool:
        """True while the process runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process's id. Raises StartFailedError when it was never started."""
        if self._process is None:
            raise StartFailedError(f"{self.name} was not started.")
        return self._process.pid

    def start(self) -> None:
        """Start it, its output appended to the log. Whether it became ready is another question."""
        if self.is_alive:
            return
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,
            )

    def stop(self, grace: float = 20.0) -> None:
        """Ask it to stop; after `grace` seconds make it. Safe to call twice."""
        self._end(signal.SIGTERM, grace)

    def kill(self) -> None:
        """End it at once, as a power cut would (SIGKILL to its whole group)."""
        self._end(signal.SIGKILL, grace=5.0)

    def raise_if_ended(self) -> None:
        """Raise StartFailedError with its last words when it no longer runs."""
        if not self.is_alive:
            raise StartFailedError(f"{self.name} ended. {last_words(self.log)}")

    def _end(self, first_signal: signal.Signals, grace: float) -> None:
        process = self._process
        if process is None or process.poll() is not None:
            return
        os.killpg(process.pid, first_signal)
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def last_words(log: Path) -> str:
    """The end of a log and where the rest lies, for an error message."""
    if not log.exists():
        return f"Its log {log} was never written."
    lines = log.read_text(errors="replace").splitlines()[-LINES_SHOWN:]
    return "\n".join([f"The end of {log}:", *lines])


def end_with_parent() -> list[str]:
    """What to put before a command so that it gets SIGTERM when its parent is gone (Linux; else nothing)."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []


START_LIMIT = timedelta(seconds=90)  # Kafka needs 2 s alone, 40 s were seen on a busy two-core machine


def wait_until(
    is_true: Callable[[], bool],
    what: str,
    limit: timedelta = START_LIMIT,
    check: Callable[[], None] = lambda: None,
    every: timedelta = timedelta(milliseconds=50),
) -> None:
    """Ask again and again. `check` may raise when waiting is hopeless. Raises StartFailedError at the limit."""
    deadline = time.monotonic() + limit.total_seconds()
    while not is_true():
        check()
        if time.monotonic() > deadline:
            raise StartFailedError(f"{what}: not after {limit.total_seconds():.0f} s.")
        time.sleep(every.total_seconds())
