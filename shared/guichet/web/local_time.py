"""Instants as people in the town read them. Pure. Every date on a page is a date in Paris."""

from datetime import datetime

from guichet.town.calendar import PARIS

_MONTHS = {
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "en": "January February March April May June July August September October November December",
}


def short_date(at: datetime) -> str:
    """Return 30/04/2026, which French and British readers read alike."""
    return f"{at.astimezone(PARIS):%d/%m/%Y}"


def clock_time(at: datetime) -> str:
    """Return 09:05."""
    return f"{at.astimezone(PARIS):%H:%M}"


def long_date(at: datetime, language: str) -> str:
    """Return 1er mai 2026, or 1 May 2026."""
    local = at.astimezone(PARIS)
    day = "1er" if local.day == 1 and language == "fr" else str(local.day)
    return f"{day} {_MONTHS[language].split()[local.month - 1]} {local.year}"
