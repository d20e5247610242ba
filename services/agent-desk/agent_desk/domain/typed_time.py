"""A time of day as somebody typed it, and the instant that it is in Paris. Pure."""

import re
from datetime import UTC, date, datetime, time
from typing import Final

from guichet.law.calendar import PARIS

_TIME: Final = re.compile(r"(\d{1,2}) ?[:hH] ?(\d\d)?")


def typed_time(typed: str) -> time | None:
    """Return a time as a browser's field gives it, or as it is typed in French (8h30, 18 h); None for anything else."""
    match = _TIME.fullmatch(typed.strip())
    if match is None or (match[2] is None and ":" in typed):
        return None
    hour, minute = int(match[1]), int(match[2] or 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def instant_in_paris(day: date, clock: time) -> datetime | None:
    """Return when the clocks of Paris show that: the first time where they do so twice; None where they never do."""
    at = datetime.combine(day, clock, PARIS)
    shown = at.astimezone(UTC).astimezone(PARIS)
    return at.astimezone(UTC) if shown.replace(tzinfo=None) == at.replace(tzinfo=None) else None
