"""French legal dates. Pure: an instant or a date in, a date out. Every legal date is a date in Paris (domain 1.7)."""

import calendar
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import holidays

PARIS: Final = ZoneInfo("Europe/Paris")
AEE_WORKING_DAYS: Final = 1  # CRPA R112-11-2
ARE_WORKING_DAYS: Final = 10  # CRPA R112-11-2; not the 7 days of the repealed décret 2015-1404
_SATURDAY: Final = 5


def paris_date(at: datetime) -> date:
    """Return the date in Paris at that instant. Raises ValueError for a time without zone."""
    if at.tzinfo is None:
        raise ValueError("a legal date needs an aware time")
    return at.astimezone(PARIS).date()


class WorkingDays:
    """Monday to Friday without the public holidays of the town's part of France."""

    def __init__(self, *, alsace_moselle: bool = False) -> None:
        """alsace_moselle: Good Friday and 26 December are holidays too (local law of the three départements)."""
        self._holidays = holidays.country_holidays("FR", subdiv="57" if alsace_moselle else None)

    def is_working(self, day: date) -> bool:
        """Say whether the town hall's legal clock counts this day."""
        return day.weekday() < _SATURDAY and day not in self._holidays

    def after(self, day: date, count: int) -> date:
        """Return the `count`-th working day after `day`; counting starts the day after."""
        while count:
            day += timedelta(days=1)
            count -= self.is_working(day)
        return day

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
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def silence_decides_on(received: date) -> date:
    """Return the day two months later, when silence means a decision (CRPA L231-1, L231-4)."""
    return months_later(received, 2)
