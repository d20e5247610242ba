"""What the page says in figures: the headline, the last hour as bars, numbers as people read them. Pure.

A test compares the numbers with CLDR's; in the bars nothing but numbers goes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from markupsafe import Markup

from guichet.contracts.topics import INBOUND
from guichet.law.calendar import PARIS
from guichet.runtime.overview import Overview, ServiceState, TopicStanding

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


def money(amount: float, currency: str, language: str) -> str:
    """Return 1 234,50 € or €1,234.50; of another currency, its three letters."""
    whole = f"{amount:,.2f}"
    if language == "fr":
        shown = whole.replace(",", _NARROW_SPACE).replace(".", ",")
        return f"{shown}{_SPACE}{'€' if currency == 'EUR' else currency}"
    return f"€{whole}" if currency == "EUR" else f"{currency}{_SPACE}{whole}"


def share(amount: float, cap: float) -> int:
    """Return how much of a cap is spent, in whole per cent; a cap of nothing is spent from the first."""
    return min(100, int(100 * amount / cap)) if cap else 100


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


WIDTH, HEIGHT = 180, 32
_LEAST: Final = 2.0  # a minute in which one record came must be seen


def sparkline(points: Sequence[float | None], label: str) -> Markup:
    """Draw `points` (oldest first, none below zero), scaled to the highest. None is a gap, zero stands on the line.

    label: what a reader who does not see the picture gets.
    """
    step = WIDTH / max(1, len(points))
    top = max((point for point in points if point is not None), default=0.0)
    bars = "".join(_bar(nth * step, step, point, top) for nth, point in enumerate(points) if point)
    floor = "".join(f"M{nth * step:g} {HEIGHT - 0.5}h{step:g}" for nth, each in enumerate(points) if each is not None)
    return Markup(
        '<svg class="sparkline" role="img" viewBox="0 0 {width} {height}" preserveAspectRatio="none"'
        ' aria-label="{label}"><title>{label}</title>'
        '<path class="floor" d="{floor}"/><path class="bars" d="{bars}"/></svg>'
    ).format(width=WIDTH, height=HEIGHT, label=label, floor=floor, bars=bars)


def _bar(left: float, step: float, point: float, top: float) -> str:
    height = max(_LEAST, (HEIGHT - 1) * point / top)
    return f"M{left:g} {HEIGHT}v{-height:.4g}h{max(step - 1, 1):g}v{height:.4g}z"


_INBOUND = {topic.name for topic in INBOUND}


@dataclass(frozen=True)
class Figures:
    """received_per_second, received_last_hour: messages of citizens, whatever the channel. None: not known."""

    received_per_second: float | None
    received_last_hour: int | None
    waiting: int | None
    oldest_s: float | None
    dead_letters: int | None
    services_ready: int
    services: int


def figures_of(overview: Overview) -> Figures:
    """Add the topics up."""
    topics, services = overview.topics, overview.services
    ready = sum(each.state is ServiceState.READY for each in services)
    if not topics:
        return Figures(None, None, None, None, None, ready, len(services))
    groups = [group for topic in topics for group in topic.groups]
    return Figures(
        received_per_second=_received(topics),
        received_last_hour=sum(topic.records_last_hour for topic in topics if topic.topic in _INBOUND),
        waiting=sum(group.lag_records for group in groups),
        oldest_s=max((each.oldest_unhandled_s for each in groups if each.oldest_unhandled_s is not None), default=None),
        dead_letters=sum(letters.count for topic in topics for letters in topic.dead_letters),
        services_ready=ready,
        services=len(services),
    )


def _received(topics: tuple[TopicStanding, ...]) -> float | None:
    rates = [topic.per_second for topic in topics if topic.topic in _INBOUND and topic.per_second is not None]
    return sum(rates) if rates else None


def seconds_since(moment: datetime, now: datetime) -> float:
    """Return how long ago it was; never less than nothing."""
    return max(0.0, (now - moment).total_seconds())
