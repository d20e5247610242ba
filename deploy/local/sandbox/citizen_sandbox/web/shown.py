"""What the test API says of tiles and of what went over the wire."""

from datetime import datetime

from pydantic import BaseModel

from citizen_sandbox.play.entry import State
from citizen_sandbox.play.payloads import Payload
from citizen_sandbox.play.tile import Words
from citizen_sandbox.web.playground import Seat


class TileShown(BaseModel):
    """A tile as it is declared."""

    key: str
    title: Words
    icon: str
    channels: dict[str, Words]
    troubles: dict[str, str]
    can_edit: bool


class PayloadShown(BaseModel):
    """One payload and what became of it; see play.payloads.Payload."""

    entry_id: int
    target: str
    body: str
    at: datetime
    attempts: int
    state: State
    said: str
    reason: str
    message_id: str


def shown(seat: Seat) -> TileShown:
    """Return the tile in the API's form."""
    tile = seat.tile
    return TileShown(
        key=tile.key,
        title=tile.title,
        icon=tile.icon,
        channels=dict(tile.channels),
        troubles=dict(tile.troubles),
        can_edit=seat.play.can_edit,
    )


def payload_shown(payload: Payload) -> PayloadShown:
    """Return the payload in the API's form, its body as one reads it."""
    return PayloadShown(
        entry_id=payload.entry_id,
        target=payload.target,
        body=payload.pretty,
        at=payload.at,
        attempts=payload.attempts,
        state=payload.state,
        said=payload.said,
        reason=payload.reason,
        message_id=payload.message_id,
    )
