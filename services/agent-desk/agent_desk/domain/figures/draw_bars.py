"""Bars drawn as SVG within the page: colours, dark mode and sizes are the style sheet's, by class. Pure.

The library writes text as it is given: whatever is a word is escaped here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import svg
from markupsafe import Markup, escape

_WIDTH: Final = 340
_ROW: Final = 32
_BAR: Final = 20
_LABELS: Final = 160  # where the bars begin
_LONGEST: Final = 130  # a bar; its number stands behind it
_BASELINE: Final = 15  # of words, below the top of a bar


@dataclass(frozen=True)
class Bar:
    """value: how long, and what is written behind it. shade: a class of the style sheet."""

    label: str
    value: int
    shade: str = "a"


def draw_bars(bars: Sequence[Bar], *, named_by: str, told: str, most: int | None = None) -> Markup:
    """Return an <svg> of horizontal bars. named_by: the id of its heading. told: what it shows, in words.

    most: what the longest bar that there may be stands for; None: the greatest value.
    """
    most = most or max((bar.value for bar in bars), default=0) or 1
    rows = (each for nth, bar in enumerate(bars) for each in _row(bar, nth * _ROW + 4, most))
    height = len(bars) * _ROW + 4
    axis = svg.Line(class_=["axis"], x1=_LABELS, x2=_LABELS, y1=0, y2=height)
    return drawing(_WIDTH, height, [*rows, axis], named_by=named_by, told=told)


def drawing(
    width: int, height: int, elements: Iterable[svg.Element], *, named_by: str, told: str, kind: str = "bars"
) -> Markup:
    """Return a drawing with its name and what it tells, for who hears it."""
    told_id = f"{named_by}-dit"
    whole = svg.SVG(
        xmlns=None,
        viewBox=svg.ViewBoxSpec(0, 0, width, height),
        class_=["plot", kind],
        elements=[svg.Desc(id=escape(told_id), text=escape(told)), *elements],
        extra={"role": "img", "aria-labelledby": str(escape(f"{named_by} {told_id}"))},
    )
    return Markup(whole.as_str())  # noqa: S704  every word in it was escaped


def words(x: float, y: float, text: str, *shades: str, end: bool = False) -> svg.Text:
    """Return a word. end: it ends there."""
    return svg.Text(
        x=round(x, 1),
        y=round(y, 1),
        text=escape(text),
        class_=list(shades) or None,
        text_anchor="end" if end else None,
    )


def _row(bar: Bar, top: int, most: int) -> Iterable[svg.Element]:
    length = round(bar.value / most * _LONGEST, 1)
    yield words(_LABELS - 8, top + _BASELINE, bar.label, end=True)
    yield svg.Rect(class_=[bar.shade], x=_LABELS, y=top, width=length, height=_BAR, rx=2)
    yield words(_LABELS + length + 6, top + _BASELINE, str(bar.value), "value")
