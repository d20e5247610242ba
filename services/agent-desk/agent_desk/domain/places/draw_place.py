"""A place on the town's own map, drawn as SVG paths: the streets around it, and which is the nearest. Pure."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import pairwise
from typing import Final

from guichet.contracts.inbound_content import Location
from guichet.town.place_names import METRES_A_DEGREE, distance_to_line, metres_a_degree_of_longitude, streets_near
from guichet.town.shape_grid import ShapeGrid
from guichet.town.town_map import AREAS, BOUNDARY, QUARTER, STREET, Point, Shape, TownMap

WIDE, HIGH = 400, 180  # of the drawing, in its own units
UNITS_A_METRE: Final = 0.625  # 640 m are seen from left to right
MOST_SHAPES: Final = 400  # in one drawing: a block of a dense town has some hundred
MOST_MAPS: Final = 5  # on a page; other positions are said in coordinates
_REMEMBERED: Final = 128  # drawings, of some 20 KB
_LABELS: Final = 4
_APART: Final = 62.0
_MARGIN: Final = 10.0
_ALONG: Final = (0.5, 0.25, 0.75)  # where on its part a name is tried
_SHORTEST: Final = 60.0  # part of a street that bears its name

Spot = tuple[float, float]
"""In the drawing: from its left and upper edge."""


@dataclass(frozen=True)
class Label:
    """A street's name. angle: degrees, so that it is read from the left."""

    text: str
    x: float
    y: float
    angle: float


@dataclass(frozen=True)
class PlaceDrawing:
    """paths: of each kind, in the order in which they are drawn. street: the nearest, and so many metres away."""

    paths: Sequence[tuple[str, str]]
    labels: Sequence[Label]
    street: str | None = field(repr=False)
    metres: int


def drawing_on(town_map: TownMap | None) -> Callable[[Location], PlaceDrawing | None]:
    """Return what draws places on a map: what is around one; None without a map, or where it shows no street there.

    The last ones are remembered, in memory: a page asks for its places twice, and is made anew at each change.
    """
    grid = ShapeGrid(town_map.shapes if town_map else ())
    return lru_cache(maxsize=_REMEMBERED)(partial(_draw_place, grid))


def _draw_place(grid: ShapeGrid, place: Location) -> PlaceDrawing | None:
    view = _View(place)
    near = grid.meeting(view.box)
    streets = [(shape, run) for shape in near if shape.kind == STREET for run in view.runs(shape)]
    if not streets:
        return None
    drawn = [(kind, _path(line, closed=True)) for kind in AREAS for line in _areas(view, near, kind)]
    bounds = (shape for shape in near if shape.kind in {BOUNDARY, QUARTER})
    drawn += [(BOUNDARY, _path(run)) for shape in bounds for run in view.runs(shape)]
    drawn += [(STREET, _path(run)) for _, run in streets]
    metres, street = next(iter(streets_near((shape for shape, _ in streets), place)), (0, None))
    return PlaceDrawing(drawn[-MOST_SHAPES:], tuple(_labels(streets)), street, round(metres))


class _View:
    """The drawing's window: a place is in its middle."""

    def __init__(self, place: Location) -> None:
        self._south_north = METRES_A_DEGREE * UNITS_A_METRE
        self._west_east = metres_a_degree_of_longitude(place.latitude) * UNITS_A_METRE
        self._place = place
        across, down = WIDE / 2 / self._west_east, HIGH / 2 / self._south_north
        self.box = (place.longitude - across, place.latitude - down, place.longitude + across, place.latitude + down)

    def spot(self, point: Point) -> Spot:
        return (
            WIDE / 2 + (point[0] - self._place.longitude) * self._west_east,
            HIGH / 2 - (point[1] - self._place.latitude) * self._south_north,
        )

    def runs(self, shape: Shape) -> Iterator[list[Spot]]:
        """Yield the parts of a line that may be seen."""
        run: list[Spot] = []
        for begin, end in pairwise(map(self.spot, shape.points)):
            if _is_seen(begin, end):
                run = run or [begin]
                run.append(end)
            elif run:
                yield run
                run = []
        if run:
            yield run


def _is_seen(begin: Spot, end: Spot) -> bool:
    """Say whether the box of a part of a line meets the window."""
    return (
        min(begin[0], end[0]) <= WIDE
        and max(begin[0], end[0]) >= 0
        and min(begin[1], end[1]) <= HIGH
        and max(begin[1], end[1]) >= 0
    )


def _areas(view: _View, near: Sequence[Shape], kind: str) -> Iterator[list[Spot]]:
    for shape in near:
        if (
            shape.kind == kind
            and shape.is_area
            and len(inside := _clipped([view.spot(each) for each in shape.points])) > 2
        ):
            yield inside


def _clipped(area: list[Spot]) -> list[Spot]:
    """Return the part of an area within the window (Sutherland and Hodgman, 1974)."""
    for axis, bound, sign in ((0, 0.0, 1), (0, float(WIDE), -1), (1, 0.0, 1), (1, float(HIGH), -1)):
        kept: list[Spot] = []
        for before, spot in zip(area[-1:] + area[:-1], area, strict=True):
            goes_in, was_in = sign * (spot[axis] - bound) >= 0, sign * (before[axis] - bound) >= 0
            if goes_in is not was_in:
                part = (bound - before[axis]) / (spot[axis] - before[axis])
                kept.append((before[0] + part * (spot[0] - before[0]), before[1] + part * (spot[1] - before[1])))
            if goes_in:
                kept.append(spot)
        area = kept
    return area


def _path(line: Sequence[Spot], *, closed: bool = False) -> str:
    return "M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in line) + ("z" if closed else "")


def _distance(run: Sequence[Spot]) -> float:
    """Return how far a line is from the middle of the drawing."""
    return distance_to_line(run, (WIDE / 2, HIGH / 2))


def _labels(streets: Sequence[tuple[Shape, list[Spot]]]) -> Iterator[Label]:
    """Yield the names of the nearest streets, along their longest part, none over another or over the place."""
    there: list[Spot] = [(WIDE / 2, HIGH / 2 - 14)]
    done: set[str] = set()
    for shape, run in sorted(streets, key=lambda each: _distance(each[1])):
        inside = [(b, e) for b, e in (_within(*part) for part in pairwise(run)) if math.dist(b, e) >= _SHORTEST]
        if not shape.name or shape.name in done or not inside:
            continue
        begin, end = max(inside, key=lambda part: math.dist(*part))
        at = ((begin[0] + part * (end[0] - begin[0]), begin[1] + part * (end[1] - begin[1])) for part in _ALONG)
        x, y = next((spot for spot in at if _is_free(spot, there)), (None, None))
        if x is None or y is None:
            continue
        done.add(shape.name)
        there.append((x, y))
        angle = math.degrees(math.atan2(end[1] - begin[1], end[0] - begin[0]))
        yield Label(shape.name, round(x), round(y), round((angle + 90) % 180 - 90))
        if len(done) == _LABELS:
            return


def _is_free(spot: Spot, there: Sequence[Spot]) -> bool:
    """Say whether a name has room at a spot: not at the edge, and not over another."""
    inside = _MARGIN <= spot[0] <= WIDE - _MARGIN and _MARGIN <= spot[1] <= HIGH - _MARGIN
    return inside and all(math.dist(spot, each) >= _APART for each in there)


def _within(begin: Spot, end: Spot) -> tuple[Spot, Spot]:
    """Return the part of a line that lies in the window (Liang and Barsky); a point twice where none does."""
    first, last = 0.0, 1.0
    for axis, most in ((0, WIDE), (1, HIGH)):
        step = end[axis] - begin[axis]
        if step == 0:
            if not 0 <= begin[axis] <= most:
                return begin, begin
            continue
        enters, leaves = sorted(((0 - begin[axis]) / step, (most - begin[axis]) / step))
        first, last = max(first, enters), min(last, leaves)
    if first > last:
        return begin, begin
    at = [(begin[0] + part * (end[0] - begin[0]), begin[1] + part * (end[1] - begin[1])) for part in (first, last)]
    return at[0], at[1]
