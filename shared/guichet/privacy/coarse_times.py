"""Times that join nothing: as coarse as what they are kept for allows, or each its own. Pure.

An exact one, kept twice, joins what it stands beside.

The legal clock's times (arrivals, answers, closings) stay exact; each is one message's or one act's own.
"""

from datetime import UTC, datetime, timedelta


def day_of(at: datetime) -> datetime:
    """Return the beginning of a moment's day, in UTC: all that goes on one day goes at one time."""
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def month_of(at: datetime) -> datetime:
    """Return the beginning of a moment's month, in UTC."""
    return day_of(at).replace(day=1)


def moments_before(now: datetime, count: int) -> list[datetime]:
    """Return moments for things that are recorded at once, in order, a millisecond apart: no two are the same."""
    return [now - timedelta(milliseconds=count - nth) for nth in range(1, count + 1)]
