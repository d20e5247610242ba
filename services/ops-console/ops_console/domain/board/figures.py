"""Numbers and durations as people read them at a glance. Pure. A test compares the numbers with CLDR's."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from guichet.law.calendar import PARIS

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_NARROW_SPACE: Final = "\u202f"
_SPACE: Final = "\u00a0"
NOTHING: Final = "–"


def count(number: int | None, language: str) -> str:
    """Return 12 345 or 12,345."""
    if number is None:
        return NOTHING
    return f"{number:,}".replace(",", _NARROW_SPACE) if language == "fr" else f"{number:,}"


def rate(per_second: float | None, language: str) -> str:
    """Return records a second: one decimal below ten, and something above zero never reads as zero."""
    if per_second is None:
        return NOTHING
    if per_second >= 9.95 or per_second == 0:
        return count(round(per_second), language)
    text = f"{max(per_second, 0.1):.1f}"
    shown = text.replace(".", ",") if language == "fr" else text
    return f"<{_SPACE}{shown}" if per_second < 0.05 else shown


def age(seconds: float | None, language: str) -> str:
    """Return 7 s, 4 min, 2 h 05 or 3 j (3 d): the two figures that matter."""
    if seconds is None:
        return NOTHING
    if seconds < _MINUTE:
        return f"{int(seconds)}{_SPACE}s"
    if seconds < _HOUR:
        return f"{int(seconds // _MINUTE)}{_SPACE}min"
    if seconds < _DAY:
        return f"{int(seconds // _HOUR)}{_SPACE}h{_SPACE}{int(seconds % _HOUR // _MINUTE):02}"
    return f"{int(seconds // _DAY)}{_SPACE}{'j' if language == 'fr' else 'd'}"


def clock(moment: datetime) -> str:
    """Return 09:05:07, in Paris."""
    return f"{moment.astimezone(PARIS):%H:%M:%S}"


def highest(points: Sequence[float | None]) -> float | None:
    """Return the highest of what was measured."""
    return max((point for point in points if point is not None), default=None)
