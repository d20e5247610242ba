"""Instants as people in the town read them. Pure. Every date on a page is a date in Paris."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from guichet.law.calendar import PARIS


def short_date(at: datetime) -> str:
    """Return 30/04/2026, which French and British readers read alike."""
    return f"{at.astimezone(PARIS):%d/%m/%Y}"


def clock_time(at: datetime) -> str:
    """Return 09:05."""
    return f"{at.astimezone(PARIS):%H:%M}"


_DAYS: Final[Mapping[str, tuple[str, ...]]] = {
    "fr": ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
# Compared with Unicode's words by a test: the library that has them takes 10 MB of every process.
_MINUTES_AGO: Final[Mapping[str, str]] = {"fr": "il y a {}\u00a0min", "en": "{} min ago"}
_HOURS_AGO: Final[Mapping[str, str]] = {"fr": "il y a {}\u00a0h", "en": "{} hr ago"}
_JUST_NOW: Final[Mapping[str, str]] = {"fr": "à l’instant", "en": "just now"}
_YESTERDAY: Final[Mapping[str, str]] = {"fr": "hier", "en": "yesterday"}


def short_age(at: datetime, now: datetime, language: str) -> str:
    """Return how long ago that was, as short as a row of a list wants it: il y a 6 min, hier, mar., 06/10, 06/10/2024.

    A moment that has not come yet was just now. language: "fr" or "en".
    """
    then, today = at.astimezone(PARIS), now.astimezone(PARIS)
    days, minutes = (today.date() - then.date()).days, int((now - at).total_seconds() // 60)
    if minutes < 1:
        return _JUST_NOW[language]
    if minutes < 60:
        return _MINUTES_AGO[language].format(minutes)
    if days == 0:
        return _HOURS_AGO[language].format(minutes // 60)
    if days == 1:
        return _YESTERDAY[language]
    if days < len(_DAYS[language]):
        return _DAYS[language][then.weekday()]
    return f"{then:%d/%m}" if then.year == today.year else f"{then:%d/%m/%Y}"
