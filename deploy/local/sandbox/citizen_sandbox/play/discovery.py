"""Which tiles there are: every one that an installed package offers."""

from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

from citizen_sandbox.play.tile import Tile

GROUP: Final = "guichet.sandbox_tiles"

Otherwise = Callable[[str, Exception], Tile[Any]]


def find_tiles(otherwise: Otherwise | None = None) -> tuple[Tile[Any], ...]:
    """Load the tiles, by name.

    otherwise: gives the place of one that cannot be loaded, is no tile or is called otherwise; without it, that raises.
    """
    found = sorted(entry_points(group=GROUP), key=lambda each: each.name)
    return tuple(_loaded(each, otherwise) for each in found)


def _loaded(entry: EntryPoint, otherwise: Otherwise | None) -> Tile[Any]:
    try:
        return _checked(entry.name, entry.load())
    except Exception as exc:
        if otherwise is None:
            raise
        return otherwise(entry.name, exc)


def _checked(name: str, tile: object) -> Tile[Any]:
    if not isinstance(tile, Tile):
        raise ValueError(f"{GROUP}: {name} is no tile but {type(tile).__name__}")
    if tile.key != name:
        raise ValueError(f"{GROUP}: {name} calls itself {tile.key}")
    return tile
