"""The place of a tile that cannot be loaded or opened: the others play on, and its developer reads why."""

from typing import Any

from fastapi import HTTPException

from citizen_sandbox.play.entry import Entry
from citizen_sandbox.play.form import Form, Written
from citizen_sandbox.play.people import Citizen
from citizen_sandbox.play.settings import TileSettings
from citizen_sandbox.play.tile import Kit, OpenTile, Sender, Tile, Words

_WARNING_SIGN = "M12 3 2 20h20L12 3Zm0 7v4m0 3v.01"


def broken_tile(key: str, error: Exception) -> Tile[Any]:
    """Return a tile that says what is wrong with the one of that name."""
    why = f"Cette tuile ne s’ouvre pas : {type(error).__name__}: {error}"
    return Tile(
        key=key,
        title=Words(key, key),
        icon=_WARNING_SIGN,
        settings=TileSettings,
        open=lambda _settings, kit: BrokenTile(key, why, kit),
        channels={},
    )


class BrokenTile(OpenTile):
    """Reaches nobody and sends nothing."""

    def __init__(self, key: str, why: str, kit: Kit) -> None:
        super().__init__(kit)
        self.list_id = key
        self.form = Form(path=key, ids=key, fields=())
        self.notice = why

    def address_of(self, citizen: Citizen) -> str:  # noqa: ARG002
        """Return nothing."""
        return ""

    async def write(self, sender: Sender, written: Written) -> list[Entry]:  # noqa: ARG002
        """Refuse."""
        raise HTTPException(422, self.notice)
