"""The last hour as a row of small bars: SVG as text. Pure; nothing but numbers goes in."""

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

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
