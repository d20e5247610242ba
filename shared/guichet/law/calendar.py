"""French legal dates (docs/law.md 8, 14, 15, 19–21). Pure: an instant or a date in, a date out, always in Paris."""

from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from dateutil.easter import easter
from dateutil.relativedelta import relativedelta

PARIS: Final = ZoneInfo("Europe/Paris")
AEE_WORKING_DAYS: Final = 1  # CRPA R112-11-2
ARE_WORKING_DAYS: Final = 10  # CRPA R112-11-2; not the 7 days of the repealed décret 2015-1404
_SATURDAY: Final = 5

# Written out: the library `holidays` loads every country of the world for these, 12 MiB. A test compares the two.
_FIXED: Final = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))  # code du travail L3133-1
_DAYS_AFTER_EASTER: Final = (1, 39, 50)  # L3133-1: Easter Monday, Ascension Day, Whit Monday
_FIXED_IN_ALSACE_MOSELLE: Final = (*_FIXED, (12, 26))  # L3134-13
_DAYS_AFTER_EASTER_IN_ALSACE_MOSELLE: Final = (-2, *_DAYS_AFTER_EASTER)  # L3134-13: Good Friday


def paris_date(at: datetime) -> date:
    """Return the date in Paris at that instant. Raises ValueError for a time without zone."""
    if at.tzinfo is None:
        raise ValueError("a legal date needs an aware time")
    return at.astimezone(PARIS).date()


def start_of_day(day: date) -> datetime:
    """Return the instant (Paris) at which a day begins."""
    return datetime.combine(day, time.min, PARIS)


def last_day_of(ends: datetime) -> date:
    """Return the last day, in Paris, of what ends at an instant: that is no longer of it. Aware."""
    return paris_date(ends - timedelta(microseconds=1))


@cache
def public_holidays(year: int, *, alsace_moselle: bool) -> frozenset[date]:
    """Return the public holidays of mainland France, or of its three départements of the east."""
    fixed, after_easter = (
        (_FIXED_IN_ALSACE_MOSELLE, _DAYS_AFTER_EASTER_IN_ALSACE_MOSELLE)
        if alsace_moselle
        else (_FIXED, _DAYS_AFTER_EASTER)
    )
    sunday = easter(year)
    return frozenset(
        [*(date(year, month, day) for month, day in fixed), *(sunday + timedelta(days=n) for n in after_easter)]
    )


class WorkingDays:
    """Monday to Friday without the public holidays of the town's part of France."""

    def __init__(self, *, alsace_moselle: bool = False) -> None:
        """alsace_moselle: Good Friday and 26 December are holidays too (local law of the three départements)."""
        self._alsace_moselle = alsace_moselle

    def is_working(self, day: date) -> bool:
        """Say whether the town hall's legal clock counts this day."""
        return day.weekday() < _SATURDAY and not self.is_holiday(day)

    def is_holiday(self, day: date) -> bool:
        """Say whether it is a public holiday here."""
        return day in public_holidays(day.year, alsace_moselle=self._alsace_moselle)

    def after(self, day: date, count: int) -> date:
        """Return the `count`-th working day after `day`; counting starts the day after."""
        while count:
            day += timedelta(days=1)
            count -= self.is_working(day)
        return day

    def before(self, day: date) -> date:
        """Return the last working day before `day`."""
        day -= timedelta(days=1)
        while not self.is_working(day):
            day -= timedelta(days=1)
        return day

    def start_of_previous(self, at: datetime) -> datetime:
        """Return the instant (Paris) when the working day before that of `at` began: one whole such day has passed."""
        return datetime.combine(self.before(paris_date(at)), time.min, PARIS)

    def end_of_next(self, at: datetime) -> datetime:
        """Return the instant (Paris) when the next working day after `at` is over: it leaves one whole such day."""
        return datetime.combine(self.after(paris_date(at), 1) + timedelta(days=1), time.min, PARIS)

    def aee_due(self, received: date) -> date:
        """Return the last day for the accusé d'enregistrement électronique."""
        return self.after(received, AEE_WORKING_DAYS)

    def are_due(self, received: date) -> date:
        """Return the last day for the accusé de réception électronique."""
        return self.after(received, ARE_WORKING_DAYS)

    def aee_deadline(self, received_at: datetime) -> datetime:
        """Return the instant (Paris) when the AEE of a message that arrived at `received_at` is overdue."""
        due = self.aee_due(paris_date(received_at))
        return datetime.combine(due + timedelta(days=1), time.min, PARIS)


def months_later(day: date, months: int) -> date:
    """Return the same day of the month `months` later, or that month's last day ("de quantième à quantième")."""
    later: date = day + relativedelta(months=months)
    return later


def silence_decides_on(received: date) -> date:
    """Return the day two months later, when silence means a decision (CRPA L231-1, L231-4; docs/law.md 19, 20)."""
    return months_later(received, 2)
