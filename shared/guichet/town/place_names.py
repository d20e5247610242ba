"""What a town's map calls a position: the nearest street, and the quarter, park or building that it lies in. Pure."""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from guichet.contracts.inbound_content import Location
from guichet.town.shape_grid import ShapeGrid
from guichet.town.town_map import BOUNDARY, STREET, Point, Shape, TownMap

NEAR_M: Final = 150.0  # farther away than that, no street is named
_ERRS_M: Final = 20.0  # a telephone knows where it is so well: at a corner it is in either street
METRES_A_DEGREE: Final = 111_320.0  # of latitude, on a sphere like the earth


class PlaceNames:
    """The named shapes of a map, by where they lie."""

    def __init__(self, town_map: TownMap | None) -> None:
        self._grid = ShapeGrid(tuple(named_shapes(town_map)))

    def at(self, place: Location) -> tuple[str, ...]:
        """Return the name of the nearest street, where one is near, of others it may be in, then of areas around it."""
        near = self._grid.meeting(_box_around(place))
        streets = streets_near(near, place)
        here = [name for nth, (metres, name) in enumerate(streets) if nth == 0 or metres <= _ERRS_M]
        return tuple(dict.fromkeys([*here, *(each.name for each in near if each.is_area and _lies_in(place, each))]))


def named_shapes(town_map: TownMap | None) -> Iterator[Shape]:
    """Yield the shapes by which a place can be told: not the commune, in which all of them lie."""
    yield from (shape for shape in (town_map.shapes if town_map else ()) if shape.name and shape.kind != BOUNDARY)


def streets_near(shapes: Iterable[Shape], place: Location) -> list[tuple[float, str]]:
    """Return how many metres away the near streets that have a name are, and these, the nearest first."""
    streets = (shape for shape in shapes if shape.kind == STREET and shape.name)
    away = ((_metres_to(shape.points, place), shape.name) for shape in streets)
    return sorted(each for each in away if each[0] <= NEAR_M)


def metres_a_degree_of_longitude(latitude: float) -> float:
    """Return how long it is there: at a pole a metre, so that nothing is divided by none."""
    return max(METRES_A_DEGREE * math.cos(math.radians(latitude)), 1.0)


def distance_to_line(line: Sequence[Point], spot: Point) -> float:
    """Return how far a spot in a plane is from a line of two points or more."""
    return min(_distance_to_part(begin, end, spot) for begin, end in pairwise(line))


def _distance_to_part(begin: Point, end: Point, spot: Point) -> float:
    along = (end[0] - begin[0], end[1] - begin[1])
    to = (spot[0] - begin[0], spot[1] - begin[1])
    length = along[0] ** 2 + along[1] ** 2
    part = max(0.0, min(1.0, (to[0] * along[0] + to[1] * along[1]) / length)) if length else 0.0
    return math.hypot(to[0] - part * along[0], to[1] - part * along[1])


def _metres_to(line: Sequence[Point], place: Location) -> float:
    east = metres_a_degree_of_longitude(place.latitude)
    plane = [((x - place.longitude) * east, (y - place.latitude) * METRES_A_DEGREE) for x, y in line]
    return distance_to_line(plane, (0.0, 0.0))


def _box_around(place: Location) -> tuple[float, float, float, float]:
    across, down = NEAR_M / metres_a_degree_of_longitude(place.latitude), NEAR_M / METRES_A_DEGREE
    return (place.longitude - across, place.latitude - down, place.longitude + across, place.latitude + down)


def _lies_in(place: Location, area: Shape) -> bool:
    """Say whether a position lies within an area's outer bound: a ray to the east crosses it an odd number of times."""
    x, y, inside = place.longitude, place.latitude, False
    for (x1, y1), (x2, y2) in pairwise((*area.points, area.points[0])):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            inside = not inside
    return inside
