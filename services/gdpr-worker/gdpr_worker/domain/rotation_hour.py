"""When the vault rotates its keys: once a night at the town's hour, whatever clocks are put forward or back. Pure."""

from datetime import UTC, datetime, time, timedelta

from guichet.law.calendar import PARIS, paris_date


def last_night(now: datetime, at: time) -> datetime:
    """Return the latest moment, not after `now`, at which a rotation was to begin. now: aware. at: in Paris.

    An hour that a night does not have comes an hour later by the clock; of one that it has twice, the first counts.
    """
    today = paris_date(now)
    moment = datetime.combine(today, at, PARIS)
    if _instant(moment) <= now:
        return moment
    return datetime.combine(today - timedelta(days=1), at, PARIS)


def is_due(last_began: datetime | None, now: datetime, at: time) -> bool:
    """Return whether no rotation has begun since last night's hour: one that was missed is caught up."""
    return last_began is None or last_began < _instant(last_night(now, at))


def is_overdue(last_ended: datetime, now: datetime, *, patience: timedelta) -> bool:
    """Return whether no rotation has succeeded for too long."""
    return now - last_ended > patience


def _instant(moment: datetime) -> datetime:
    """In UTC: two moments of one zone are compared by their clocks alone, which is wrong on two nights a year."""
    return moment.astimezone(UTC)
