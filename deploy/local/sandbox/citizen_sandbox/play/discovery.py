"""Which tiles there are: every one that an installed package offers."""

from importlib.metadata import entry_points
from typing import Any, Final

from citizen_sandbox.play.tile import Tile

GROUP: Final = "guichet.sandbox_tiles"


def find_tiles() -> tuple[Tile[Any], ...]:
    """Load the tiles, by name. Raises ValueError for an entry point that is none, or that is called otherwise."""
    found = sorted(entry_points(group=GROUP), key=lambda each: each.name)
    return tuple(_checked(each.name, each.load()) for each in found)


def _checked(name: str, tile: object) -> Tile[Any]:
    if not isinstance(tile, Tile):
        raise ValueError(f"{GROUP}: {name} is no tile but {type(tile).__name__}")
    if tile.key != name:
        raise ValueError(f"{GROUP}: {name} calls itself {tile.key}")
    return tile
