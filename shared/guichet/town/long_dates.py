"""Dates with the month in words, as letters and pages say them. Pure. Every date is a date in Paris.

Written out: for these words the library `babel` takes 8 MB of every process. A test compares the two.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from guichet.law.calendar import paris_date

_MONTHS: Final[Mapping[str, tuple[str, ...]]] = {
    "fr": (
        *("janvier", "février", "mars", "avril", "mai", "juin"),
        *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}
_WEEKDAYS: Final[Mapping[str, tuple[str, ...]]] = {
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}


def weekday_and_date(day: date, language: str) -> str:
    """Return vendredi 1er mai 2026 ("fr"), or Friday 1 May 2026 ("en")."""
    return f"{_WEEKDAYS[language][day.weekday()]} {long_date(day, language)}"


def long_date(at: date, language: str) -> str:
    """Return 1er mai 2026 ("fr"), or 1 May 2026 ("en"). at: a day of Paris, or a moment: aware."""
    day = paris_date(at) if isinstance(at, datetime) else at
    number = "1er" if day.day == 1 and language == "fr" else str(day.day)
    return f"{number} {_MONTHS[language][day.month - 1]} {day.year}"
