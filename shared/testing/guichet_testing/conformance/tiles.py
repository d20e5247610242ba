"""The tile that plays a channel's provider in the citizen sandbox: found by its entry point."""

from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import Any, Final

import pytest

from guichet.channel.declaration import Channel

TILES: Final = "guichet.sandbox_tiles"
NO_SANDBOX: Final = (
    "the tile was not looked at, since citizen_sandbox is not installed here: in Guichet's clone"
    " `uv build --wheel --out-dir dist deploy/local/sandbox`, then here"
    " `uv pip install --find-links ../guichet/dist citizen-sandbox`"
)


def has_sandbox() -> bool:
    """Return whether a tile can be loaded here."""
    return find_spec("citizen_sandbox") is not None


class TileConformance:
    """Of every channel that a tile plays. tile: the one to look at; None: that of the entry point."""

    channel: Channel
    tile: Any = None

    def _tile(self) -> Any:
        """Return the tile; None where there is none, which is said elsewhere (packaged.py)."""
        if self.tile is not None:
            return self.tile
        if not has_sandbox():
            pytest.skip(NO_SANDBOX)
        return next((each.load() for each in entry_points(group=TILES, name=self.channel.provider.name)), None)
