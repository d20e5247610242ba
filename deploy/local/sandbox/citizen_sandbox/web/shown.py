"""What the test API says of tiles and of what went over the wire."""

from datetime import datetime

from pydantic import BaseModel

from citizen_sandbox.play.entry import State
from citizen_sandbox.play.journal import Wanted
from citizen_sandbox.play.payloads import Payload
from citizen_sandbox.play.tile import Words
from citizen_sandbox.web.playground import Playground
from citizen_sandbox.web.seat import Seat


class TileShown(BaseModel):
    """A tile as it is declared."""

    key: str
    title: Words
    icon: str
    channels: dict[str, Words]
    troubles: dict[str, str]
    can_edit: bool


class PayloadShown(BaseModel):
    """One payload and what became of it (play.payloads.Payload). received: the entry that came back since, or None."""

    entry_id: int
    target: str
    body: str
    at: datetime
    attempts: int
    state: State
    said: str
    reason: str
    message_id: str
    received: int | None


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


def payload_shown(playground: Playground, seat: Seat, payload: Payload) -> PayloadShown:
    """Return the payload in the API's form, its body as one reads it."""
    since = playground.journal.entries(Wanted(addresses=frozenset({payload.address}), after=payload.entry_id))
    received = seat.play.received_after(payload, since)
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
        received=received.id if received else None,
    )
