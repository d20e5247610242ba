"""Where the shapes of a town's map lie: what is near a place is found without a look at all of them. Pure."""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from guichet.town.town_map import Shape

Box = tuple[float, float, float, float]
"""West, south, east, north: WGS 84 degrees."""

_CELL: Final = 0.002  # degrees, some 200 m: what is drawn of a place lies in some fifteen cells
_MOST_CELLS: Final = 16_384  # that a shape is noted in; a larger one is looked at wherever a place is

_Cell = tuple[int, int]


class ShapeGrid:
    """Shapes, each noted in the cells that its box touches."""

    def __init__(self, shapes: Sequence[Shape]) -> None:
        self._shapes = shapes
        self._cells = defaultdict[_Cell, list[int]](list)
        self._large: list[int] = []
        for number, shape in enumerate(shapes):
            if _count(shape.box) > _MOST_CELLS:
                self._large.append(number)
            else:
                for cell in _cells(shape.box):
                    self._cells[cell].append(number)

    def meeting(self, box: Box) -> list[Shape]:
        """Return the shapes whose boxes meet this one, in the map's order."""
        found = set(self._large)
        for cell in self._touched(box):
            found.update(self._cells.get(cell, ()))
        return [self._shapes[number] for number in sorted(found) if _meet(self._shapes[number].box, box)]

    def _touched(self, box: Box) -> Iterator[_Cell]:
        """Yield the cells that a box touches: near a pole, where it is as wide as the world, those that there are."""
        if _count(box) <= _MOST_CELLS:
            yield from _cells(box)
        else:
            west, south, east, north = _bounds(box)
            yield from (each for each in self._cells if west <= each[0] <= east and south <= each[1] <= north)


def _bounds(box: Box) -> tuple[int, int, int, int]:
    west, south, east, north = (math.floor(each / _CELL) for each in box)
    return west, south, east, north


def _count(box: Box) -> int:
    west, south, east, north = _bounds(box)
    return (east - west + 1) * (north - south + 1)


def _cells(box: Box) -> Iterator[_Cell]:
    west, south, east, north = _bounds(box)
    return ((x, y) for x in range(west, east + 1) for y in range(south, north + 1))


def _meet(one: Box, other: Box) -> bool:
    return one[0] <= other[2] and one[2] >= other[0] and one[1] <= other[3] and one[3] >= other[1]
