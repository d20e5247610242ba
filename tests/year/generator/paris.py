"""Time in Paris: the legal offset, public holidays, and the hours at which each channel is used. Pure.

Written apart from guichet.law, so that the year is judged by another calendar than it is lived by.

Moments are naive `datetime`s of Paris wall time; `iso()` writes them with their offset.
The zone's rule (last Sundays of March and October, EU directive 2000/84/EC) is written out, so that
the output does not depend on the machine's time zone database.
"""

import random
from datetime import date, datetime, time, timedelta, timezone
from functools import cache

CHANNELS = ("email", "portal", "phone", "sms", "whatsapp", "telegram", "counter", "letter")
STAFFED = ("phone", "counter", "letter")  # exist only while the town hall is open

# Share of a day's messages by hour, 0 to 23.
CITIZEN_HOURS = (2, 1, 1, 0.5, 0.5, 1, 3, 7, 13, 16, 17, 15, 12, 13, 15, 15, 15, 15, 16, 15, 14, 13, 10, 5)
OFFICE_HOURS = (0, 0, 0, 0, 0, 0, 0, 0, 8, 20, 20, 16, 0, 5, 16, 15, 10, 0, 0, 0, 0, 0, 0, 0)
SATURDAY_HOURS = (0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 12, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
POST_HOURS = (0, 0, 0, 0, 0, 0, 0, 0, 0, 12, 10, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)  # stamped on arrival


def easter(year: int) -> date:
    """Easter Sunday of a Gregorian year (Butcher's algorithm)."""
    golden, century, rest = year % 19, year // 100, year % 100
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - century // 4 - correction + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


@cache
def public_holidays(year: int) -> frozenset[date]:
    """The eleven national holidays (Code du travail, L3133-1)."""
    fixed = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
    moving = (easter(year) + timedelta(days=days) for days in (1, 39, 50))
    return frozenset([date(year, month, day) for month, day in fixed] + list(moving))


def is_off(day: date) -> bool:
    """True on Sundays and public holidays."""
    return day.weekday() == 6 or day in public_holidays(day.year)


def day_weight(channel: str, day: date) -> float:
    """How much a channel is used on that day, 1 on an ordinary working day."""
    if channel in STAFFED:
        if is_off(day):
            return 0.0
        if day.weekday() == 5:
            return 0.4 if channel == "counter" else 0.0
        return (1.25, 1.0, 0.95, 0.95, 0.85)[day.weekday()]
    if is_off(day):
        return 0.4
    return (1.2, 1.05, 1.0, 0.95, 0.9, 0.5)[day.weekday()]


def hour_weights(channel: str, day: date) -> tuple[float, ...]:
    """24 weights, the hours at which the channel is used on that day."""
    if channel == "letter":
        return POST_HOURS
    if channel in STAFFED:
        return SATURDAY_HOURS if day.weekday() == 5 else OFFICE_HOURS
    return CITIZEN_HOURS


def moment_on(rng: random.Random, channel: str, day: date) -> datetime:
    """A moment of that day at which a message by that channel may come."""
    hour = rng.choices(range(24), hour_weights(channel, day))[0]
    opens = channel in STAFFED and hour in (8, 13)  # doors do at 8:30 and 13:30
    minute = rng.randint(30 if opens else 0, 59)
    moment = datetime.combine(day, time(hour, minute, rng.randint(0, 59)))
    if _spring(day.year) <= moment < _spring(day.year) + timedelta(hours=1):
        moment += timedelta(hours=1)  # that hour does not exist
    return moment


def iso(moment: datetime) -> str:
    """Paris wall time with its legal offset, such as 2026-03-02T09:14:05+01:00."""
    summer = _spring(moment.year) <= moment < _autumn(moment.year)
    return moment.replace(tzinfo=timezone(timedelta(hours=2 if summer else 1))).isoformat()


@cache
def _spring(year: int) -> datetime:
    """The moment the clocks go forward: 2:00 on the last Sunday of March."""
    return datetime.combine(_last_sunday(year, 3), time(2))


@cache
def _autumn(year: int) -> datetime:
    """The moment the clocks go back: 3:00 on the last Sunday of October.

    The hour from 2:00 comes twice; we always mean the first one.
    """
    return datetime.combine(_last_sunday(year, 10), time(3))


def _last_sunday(year: int, month: int) -> date:
    last = date(year, month, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)
