"""Start Python programs as forks of a process that has imported what they do: half a second to two seconds each."""

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, Any, Final

from guichet_local.machine.process import end_with_parent
from guichet_testing.forks.server import LONGEST

SERVER: Final = "guichet_testing.forks.server"


class Forked(subprocess.Popen[bytes]):
    """A program that runs. It has a session of its own, and ends when the process of the tests does."""

    _child_created = False  # ours is not its parent

    def __init__(self, order: Sequence[str], answers: socket.socket) -> None:
        self.args = order
        self.stdin = self.stdout = self.stderr = None
        self.returncode = None
        self._answers = answers
        self.pid = int(json.loads(answers.recv(LONGEST)))

    def poll(self) -> int | None:
        """Return its status once it has ended."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        """Return its status when it has ended. Raises subprocess.TimeoutExpired."""
        if self.returncode is None:
            self._answers.settimeout(timeout)
            try:
                self.returncode = int(json.loads(self._answers.recv(LONGEST)))
            except (TimeoutError, BlockingIOError) as exc:
                raise subprocess.TimeoutExpired(self.args, timeout or 0) from exc
            self._answers.close()
        return self.returncode

    def send_signal(self, sig: int) -> None:
        """Send it a signal, if it runs."""
        if self.poll() is None:
            os.kill(self.pid, sig)


def fork(
    module: str,
    arguments: Sequence[str] = (),
    *,
    environment: Mapping[str, str],
    stdin: IO[Any] | None = None,
    stdout: IO[Any] | None = None,
    stderr: IO[Any] | None = None,
) -> subprocess.Popen[bytes]:
    """Start `python -m module arguments…` with exactly these variables, as if it were executed.

    The streams: nothing, and our own two, unless told. With another PYTHONPATH than ours it is executed: it would
    import something else.
    """
    if environment.get("PYTHONPATH") != os.environ.get("PYTHONPATH"):
        return subprocess.Popen(  # noqa: S603  ours
            [*end_with_parent(), sys.executable, "-m", module, *arguments],
            env={**environment},
            stdin=stdin or subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )
    order = {"module": module, "arguments": [*arguments], "environment": {**environment}, "folder": str(Path.cwd())}
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with Path(os.devnull).open("rb") as nothing, theirs:
        streams = ((stdin or nothing).fileno(), stdout.fileno() if stdout else 1, stderr.fileno() if stderr else 2)
        socket.send_fds(_server(), [json.dumps(order).encode()], [*streams, theirs.fileno()])
    return Forked([module, *arguments], ours)


def run(
    module: str, arguments: Sequence[str], *, environment: Mapping[str, str], typed: str = ""
) -> "subprocess.CompletedProcess[str]":
    """Run `python -m module arguments…` to its end. typed: its standard input."""
    with (
        tempfile.TemporaryFile("w+") as asked,
        tempfile.TemporaryFile("w+") as out,
        tempfile.TemporaryFile("w+") as errors,
    ):
        asked.write(typed)
        asked.seek(0)
        status = fork(module, arguments, environment=environment, stdin=asked, stdout=out, stderr=errors).wait()
        out.seek(0)
        errors.seek(0)
        return subprocess.CompletedProcess([module, *arguments], status, out.read(), errors.read())


@cache
def _server() -> socket.socket:
    """Start the process that forks; it ends with this one."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LONGEST * 2)
    with theirs:
        subprocess.Popen([sys.executable, "-m", SERVER], stdin=theirs.fileno(), start_new_session=True)  # noqa: S603  ours
    return ours
