"""When an erasure begins that the DPO was just told of. Pure."""

from datetime import UTC, datetime, timedelta

from guichet.law.calendar import WorkingDays


def begins_at(told_at: datetime, waits: timedelta | None, days: WorkingDays) -> datetime:
    """Return the end of the waiting time. told_at: aware UTC. waits: None is one whole working day of the town."""
    return told_at + waits if waits is not None else days.end_of_next(told_at).astimezone(UTC)
