"""Waiting for something to become true, with an end."""

import time
from collections.abc import Callable
from datetime import timedelta

from guichet_local.errors import StartFailedError

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
