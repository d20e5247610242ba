"""The days of the second model: walked to one by one, with the holidays of a library."""

from datetime import date, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays

from shared.tests.law.test_calendar import CUSTOMS, SUBDIVISIONS

PARIS = ZoneInfo("Europe/Paris")
DAY = timedelta(days=1)


def day_of(event: Any) -> date:
    found: date = event.at.astimezone(PARIS).date()
    return found


@cache
def walk(start: date, count: int, unit: str) -> date:
    """Walk so many days, or to the same day so many months later; where that month has none, to its last."""
    if unit == "days":
        return start + count * DAY
    day, months = start, 0
    while True:
        day += DAY
        months += day.day == 1
        if months == count and (day.day == start.day or ((day + DAY).day == 1 and day.day < start.day)):
            return day


def is_working(day: date, town: Any) -> bool:
    return day.weekday() not in {5, 6} and day not in _holidays(town.working_days._territory)


@cache
def _holidays(territory: Any) -> set[date]:
    by_law = holidays.country_holidays("FR", subdiv=SUBDIVISIONS[territory], years=range(2025, 2050), language="fr")
    custom = set() if territory == "alsace-moselle" else CUSTOMS
    return {day for day, name in by_law.items() if name not in custom}
