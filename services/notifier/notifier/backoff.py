"""When to try again. Pure."""

from datetime import datetime, timedelta
from typing import Final

FIRST: Final = timedelta(seconds=5)
LONGEST: Final = timedelta(minutes=15)
GIVE_UP: Final = timedelta(days=5)  # as mail servers do (RFC 5321 4.5.4.1)


def wait_after(attempts: int) -> timedelta:
    """Return the pause after so many attempts: doubling, up to a quarter of an hour."""
    doublings = min(max(attempts - 1, 0), 20)
    return min(LONGEST, FIRST * (1 << doublings))


def is_hopeless(requested_at: datetime, now: datetime) -> bool:
    """Say whether it has been tried long enough."""
    return now - requested_at > GIVE_UP
