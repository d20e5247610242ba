"""Whether the last backup that was found good is too old. Pure."""

from datetime import datetime, timedelta


def is_too_old(taken_at: datetime | None, watched_since: datetime, now: datetime, *, after: timedelta) -> bool:
    """Return whether nothing newer than `after` is safe. taken_at: of the newest good backup; None: there is none.

    after: zero never rings, on a machine for trials.
    """
    return bool(after) and now - max(filter(None, (taken_at, watched_since))) > after
