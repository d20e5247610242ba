"""How long to wait before trying again. Pure: the die is cast by the caller."""

from datetime import timedelta
from typing import Final

from guichet.errors import ThrottledError, TransientError

FIRST: Final = timedelta(milliseconds=200)
LONGEST: Final = timedelta(seconds=15)  # a server that is back is found within this; the console shows the retries


def wait_before_retry(error: TransientError, attempt: int, die: float) -> timedelta:
    """Return the pause after the failed `attempt` (1, 2 …). die: in [0, 1), so that workers do not return in step.

    Doubling up to LONGEST, between half of it and all of it; a ThrottledError's retry_after is obeyed in full.
    """
    doubled = min(LONGEST, FIRST * 2 ** min(attempt - 1, 16))
    pause = doubled * (0.5 + die / 2)
    return error.retry_after + FIRST * die if isinstance(error, ThrottledError) else pause
