"""French legal dates (docs/law.md 8, 14, 15, 19–21, 59). Pure: an instant or a date in, a date out, always in Paris."""

from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from guichet.law.territories import Territory, public_holidays

PARIS: Final = ZoneInfo("Europe/Paris")
AEE_WORKING_DAYS: Final = 1  # CRPA R112-11-2
ARE_WORKING_DAYS: Final = 10  # CRPA R112-11-2; not the 7 days of the repealed décret 2015-1404
_SATURDAY: Final = 5


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


class WorkingDays:
    """Monday to Friday without the public holidays of the town's part of France."""

    def __init__(self, territory: Territory = Territory.METROPOLITAN, *, good_friday: bool = True) -> None:
        """territory: the part of France that the town lies in. good_friday: of Alsace-Moselle (docs/law.md 14)."""
        self._territory, self._good_friday = territory, good_friday

    def is_working(self, day: date) -> bool:
        """Say whether the town hall's legal clock counts this day."""
        return day.weekday() < _SATURDAY and not self.is_holiday(day)

    def is_holiday(self, day: date) -> bool:
        """Say whether it is a public holiday here."""
        return day in public_holidays(day.year, self._territory, good_friday=self._good_friday)

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

    def between(self, day: date, until: date) -> int:
        """Return how many working days there are after `day`, up to `until`."""
        return sum(self.is_working(day + timedelta(days=each + 1)) for each in range((until - day).days))

    def first_from(self, day: date) -> date:
        """Return `day` where it is a working day, else the next one that is."""
        return day if self.is_working(day) else self.after(day, 1)

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
