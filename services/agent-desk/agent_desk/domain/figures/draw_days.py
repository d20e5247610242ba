"""Days as columns: what came in, and what was answered. Pure; as draw_bars."""

from collections.abc import Iterator, Sequence
from typing import Final

import svg
from markupsafe import Markup

from agent_desk.domain.figures.day_by_day import Period
from agent_desk.domain.figures.draw_bars import drawing, words

_WIDTH: Final = 560
_HEIGHT: Final = 210
_LEFT: Final = 50  # of the columns; before it the scale
_BASE: Final = 170  # where they stand
_TOP: Final = 18
_STEPS: Final = (1, 2, 5)
_LINES: Final = 4  # of the scale, at most
_WEEK: Final = 7


def draw_days(days: Sequence[Period], *, named_by: str, told: str) -> Markup:
    """Return an <svg> of two columns a day. named_by: the id of its heading. told: what it shows, in words."""
    most = max((max(each.received, each.answered) for each in days), default=0)
    step = step_of(most)
    top = max(step, -(-most // step) * step)
    elements = [*_scale(step, top), *_columns(days, top)]
    return drawing(_WIDTH, _HEIGHT, elements, named_by=named_by, told=told, kind="days")


def step_of(most: int) -> int:
    """Return between which numbers there is a line: 1, 2 or 5 of some power of ten, so that there are few."""
    power = 1
    while True:
        for each in _STEPS:
            if most <= each * power * _LINES:
                return each * power
        power *= 10


def _scale(step: int, top: int) -> Iterator[svg.Element]:
    for value in range(0, top + 1, step):
        y = _y(value, top)
        yield svg.Line(class_=["grid" if value else "axis"], x1=_LEFT, x2=_WIDTH, y1=y, y2=y)
        yield words(_LEFT - 8, y + 5, str(value), end=True)


def _columns(days: Sequence[Period], top: int) -> Iterator[svg.Element]:
    room = (_WIDTH - _LEFT) / max(len(days), 1)
    wide = round(min(room * 0.4, 16), 1)
    for nth, each in enumerate(days):
        middle = _LEFT + (nth + 0.5) * room
        yield _column(middle - wide, wide, each.received, top, "b")
        yield _column(middle, wide, each.answered, top, "a")
        if (len(days) - 1 - nth) % _WEEK == 0:
            yield words(middle + wide, _BASE + 26, f"{each.first:%d/%m}", end=True)


def _column(x: float, wide: float, value: int, top: int, shade: str) -> svg.Element:
    y = _y(value, top)
    return svg.Rect(class_=[shade], x=round(x, 1), y=y, width=wide, height=round(_BASE - y, 1), rx=1.5)


def _y(value: int, top: int) -> float:
    return round(_BASE - value / top * (_BASE - _TOP), 1)
