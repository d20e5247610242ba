"""Whose stack is it, and who fills the cache? One owner at a time for each folder.

`make run` and `make test` may start together.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from guichet_local.errors import AlreadyRunningError

ALREADY_RUNNING = (
    "Guichet already runs here. See it with `make status`, stop it with `make stop`, or use Ctrl-C in its terminal."
)


class FolderLock:
    """Held by whoever starts or runs the stack in the foreground. The system frees it if that process dies."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "lock"
        self._held: IO[str] | None = None

    @property
    def is_held(self) -> bool:
        """True between `take` and `release`."""
        return self._held is not None

    def take(self) -> None:
        """Raises AlreadyRunningError when another process holds it."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        lock = self._file.open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            lock.close()
            raise AlreadyRunningError(ALREADY_RUNNING) from exc
        self._held = lock

    def release(self) -> None:
        """Let others start here. Safe to call twice."""
        if self._held is not None:
            self._held.close()
            self._held = None


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Wait for whoever fills this folder of the cache, then keep others waiting. Freed if we are killed."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
