"""When people write to a town, and when it answers: on working days more than on others, in the day more than at night.

Pure: the source of chance is given.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from guichet.law.calendar import PARIS, WorkingDays, paris_date
from guichet_cli.demo.chance import Chance

DAYS: Final = 30
_OPENS, _CLOSES = 9, 17
_READING: Final = timedelta(minutes=10)
_HOURS: Final = (*[1] * 7, 6, 12, 16, 15, 12, 9, 10, 13, 13, 12, 11, 10, 9, 8, 6, 4, 2)


def arrivals(chance: Chance, count: int, now: datetime, calendar: WorkingDays) -> list[datetime]:
    """Return so many moments of the month before `now`, oldest first."""
    today = paris_date(now)
    days = [today - timedelta(days=back) for back in range(DAYS)]
    weights = [10 if calendar.is_working(day) else 3 for day in days]
    found: list[datetime] = []
    while len(found) < count:
        day, hour = chance.weighted(days, weights), chance.weighted(range(24), _HOURS)
        at = datetime.combine(day, time(hour, chance.below(60), chance.below(60)), PARIS).astimezone(UTC)
        if at < now - timedelta(minutes=3):
            found.append(at)
    return sorted(found)


def office_hour(chance: Chance, after: datetime, calendar: WorkingDays, *, working_days: int) -> datetime:
    """Return a moment at which an agent works, so many working days after another; 0: the same day if it can be."""
    today = paris_date(after)
    begins = max(after, _at(today, _OPENS)) + _READING
    left = (_at(today, _CLOSES) - begins) // timedelta(minutes=1)
    if working_days == 0 and calendar.is_working(today) and left > 0:
        return begins + timedelta(minutes=chance.below(left), seconds=chance.below(60))
    worked = timedelta(minutes=chance.below((_CLOSES - _OPENS) * 60), seconds=chance.below(60))
    return _at(calendar.after(today, max(1, working_days)), _OPENS) + worked


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), PARIS).astimezone(UTC)
