"""The day on which the town really received what an agent types: the stamp on a letter, the day of a call. Pure.

Clocks start there and not where it is typed (docs/law.md 15). A stamp has a day and no hour: it is taken for noon in
Paris, with our own fraction of a second, so that two letters of one day have no moment in common.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from agent_desk.domain.typed_day import typed_day
from guichet.channel.date_of_receipt import DateOfReceipt, date_of_receipt
from guichet.contracts.inbound import DateSource
from guichet.law.calendar import PARIS, paris_date

LONGEST_AGO: Final = timedelta(days=366)  # past that the year was mistyped
NOON: Final = time(12)


def wrong_day(typed: str, today: date) -> str | None:
    """Return what is wrong with a day that was typed, as a code; None for one that can be, and for a blank."""
    if not typed.strip():
        return None
    day = typed_day(typed)
    if day is None:
        return "invalid"
    if day > today:
        return "in-the-future"
    return "too-long-ago" if today - day > LONGEST_AGO else None


def receipt_by_stamp(day: date | None, now: datetime) -> DateOfReceipt:
    """Return when the town received in law what bears such a stamp. day: None, or today's: now. now: aware UTC."""
    if day is None or day >= paris_date(now):
        return DateOfReceipt(now)
    return date_of_receipt(now, datetime.combine(day, NOON, PARIS).astimezone(UTC), DateSource.EDGE)
