"""Whether the last backup that was found good is too old. Pure."""

from datetime import datetime, timedelta
from typing import Final

_CLOCKS_DIFFER_BY: Final = timedelta(minutes=5)


def is_too_old(taken_at: datetime | None, watched_since: datetime, now: datetime, *, after: timedelta) -> bool:
    """Return whether nothing newer than `after` is safe. taken_at: of the last good backup; None: there is none.

    A date that is still to come, from a clock that was wrong, says nothing. after: zero never rings, on a machine for
    trials.
    """
    if not after:
        return False
    known = [each for each in (taken_at, watched_since) if each is not None and each <= now + _CLOCKS_DIFFER_BY]
    return not known or now - max(known) > after
