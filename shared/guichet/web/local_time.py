"""Instants as people in the town read them. Pure. Every date on a page is a date in Paris."""

from datetime import datetime

from guichet.law.calendar import PARIS


def short_date(at: datetime) -> str:
    """Return 30/04/2026, which French and British readers read alike."""
    return f"{at.astimezone(PARIS):%d/%m/%Y}"


def clock_time(at: datetime) -> str:
    """Return 09:05."""
    return f"{at.astimezone(PARIS):%H:%M}"
