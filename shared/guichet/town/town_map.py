"""The town's own map, which need not be there: map.geojson (RFC 7946), streets and what lies between them.

As the town's own services have it, or an extract of OpenStreetMap as GeoJSON: what a feature is follows from its
property `kind` (street, building, water, green, quarter, boundary), else from OpenStreetMap's own. Others are left out.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from guichet.errors import SettingsError

FILE: Final = "map.geojson"
LARGEST_BYTES: Final = 64 * 1024 * 1024
STREET, BOUNDARY, QUARTER = "street", "boundary", "quarter"
AREAS: Final = ("green", "water", "building")  # in the order in which they are drawn, one over the other
_KINDS: Final = (STREET, BOUNDARY, QUARTER, *AREAS)
_OF_OSM: Final = {
    "highway": STREET,
    "building": "building",
    "waterway": "water",
    "water": "water",
    "leisure": "green",
    "landuse": "green",
    "boundary": BOUNDARY,
}
_QUARTERS: Final = frozenset({"quarter", "neighbourhood", "suburb"})  # OpenStreetMap's "place"
_OF_A_QUARTER: Final = "10"  # in France, "admin_level" of a quarter's boundary

Point = tuple[float, float]
"""Longitude, latitude: WGS 84 degrees, in GeoJSON's order."""


@dataclass(frozen=True)
class Shape:
    """points: of a line, or of an area's outer bound. box: west, south, east, north."""

    kind: str
    name: str
    points: tuple[Point, ...]
    is_area: bool
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class TownMap:
    """Everything that is drawn."""

    shapes: tuple[Shape, ...]


def load_town_map(folder: Path | str) -> TownMap | None:
    """Return the town's map, None where it has none. Raises SettingsError: the file, and what is wrong in it."""
    path = Path(folder) / FILE
    if not path.exists():
        return None
    if path.stat().st_size > LARGEST_BYTES:
        raise SettingsError(
            f"{path}: larger than {LARGEST_BYTES // 1024**2} MiB; take the town alone, and its streets."
        )
    try:
        features = json.loads(path.read_text("utf-8"))["features"]
        shapes = tuple(shape for feature in features for shape in _shapes(feature))
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise SettingsError(f"{path}: no GeoJSON FeatureCollection in degrees ({type(exc).__name__}: {exc}).") from exc
    if not shapes:
        raise SettingsError(f"{path}: no street, building, water, green, quarter or boundary in it; see README.md.")
    return TownMap(shapes)


def _shapes(feature: Mapping[str, Any]) -> Iterator[Shape]:
    properties: Mapping[str, Any] = feature.get("properties") or {}
    kind, geometry = _kind(properties), feature.get("geometry")
    if kind is None or geometry is None:
        return
    name = str(properties.get("name") or "")
    for points, is_area in _lines(geometry["type"], geometry["coordinates"]):
        line = tuple(_point(each) for each in points)
        if len(line) > 1:
            east, north = zip(*line, strict=True)
            yield Shape(kind, name, line, is_area, (min(east), min(north), max(east), max(north)))


def _kind(properties: Mapping[str, Any]) -> str | None:
    if "kind" in properties:
        return properties["kind"] if properties["kind"] in _KINDS else None
    if properties.get("natural") == "water":
        return "water"
    if properties.get("place") in _QUARTERS or str(properties.get("admin_level")) == _OF_A_QUARTER:
        return QUARTER
    return next((kind for tag, kind in _OF_OSM.items() if properties.get(tag)), None)


def _lines(geometry: str, coordinates: Sequence[Any]) -> Iterator[tuple[Sequence[Any], bool]]:
    """Yield each line, and each area's outer bound; points and what is composed are left out."""
    match geometry:
        case "LineString":
            yield coordinates, False
        case "MultiLineString":
            yield from ((each, False) for each in coordinates)
        case "Polygon":
            yield coordinates[0], True
        case "MultiPolygon":
            yield from ((each[0], True) for each in coordinates)


def _point(coordinates: Sequence[Any]) -> Point:
    east, north = float(coordinates[0]), float(coordinates[1])
    if not (math.isfinite(east) and -180 <= east <= 180 and math.isfinite(north) and -90 <= north <= 90):
        raise ValueError(f"{coordinates[0]}, {coordinates[1]} is no longitude and latitude in degrees")
    return east, north
