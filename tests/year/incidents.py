"""What goes wrong in the year, and when. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from guichet.law.calendar import PARIS
from tests.year.law import is_working

MONDAY, TUESDAY, THURSDAY, FRIDAY = 0, 1, 3, 4
EVENING: Final = time(17)
MORNING: Final = time(8)


@dataclass(frozen=True)
class ProviderOut:
    """A provider that takes nothing. lane: its account. Both moments in Paris."""

    lane: str
    since: datetime
    until: datetime

    def holds(self, at: datetime) -> bool:
        """Say whether it is out."""
        return self.since <= at < self.until


@dataclass(frozen=True)
class Incidents:
    """outages: days on which nothing of ours runs, nobody works at the desk, and what comes waits on the broker.

    storm: the hour that brings so many. relay, texts: of a week-end each, the second from a Thursday evening on, so
    that receipts are late.
    """

    outages: tuple[date, ...]
    storm: datetime
    relay: ProviderOut
    texts: ProviderOut

    @property
    def providers(self) -> tuple[ProviderOut, ...]:
        """Both."""
        return (self.relay, self.texts)

    def first_up(self, day: date) -> date:
        """Return the day, or where nothing runs on it, the next one on which something does."""
        while day in self.outages:
            day += timedelta(days=1)
        return day


def incidents_of(year: int, storm: date, mail_lane: str, texts_lane: str) -> Incidents:
    """Return the year's. storm: its day."""
    friday, thursday = _weekday(year, 6, FRIDAY), _weekday(year, 10, THURSDAY)
    return Incidents(
        outages=(_weekday(year, 3, TUESDAY), _weekday(year, 9, THURSDAY)),
        storm=_at(storm, time(15)),
        relay=ProviderOut(mail_lane, _at(friday, EVENING), _at(_monday_after(friday), MORNING)),
        texts=ProviderOut(texts_lane, _at(thursday, EVENING), _at(_monday_after(thursday), MORNING)),
    )


def _at(day: date, when: time) -> datetime:
    return datetime.combine(day, when, PARIS)


def _monday_after(day: date) -> date:
    return day + timedelta(days=7 - day.weekday())


def _weekday(year: int, month: int, weekday: int) -> date:
    """Return the first such day of a month that ends in no holiday: it, the next day and the Monday after are worked."""
    day = date(year, month, 1)
    while day.weekday() != weekday or not all(
        map(is_working, (day, _monday_after(day), min(day + timedelta(days=1), _friday_of(day))))
    ):
        day += timedelta(days=1)
    return day


def _friday_of(day: date) -> date:
    return day + timedelta(days=FRIDAY - day.weekday())
