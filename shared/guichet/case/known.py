"""What a case knows of a message that comes in, and of whose it is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from guichet.contracts.inbound import Automatic, ChannelName
from guichet.ids import MessageId, SectorCitizenId, SectorId


class Incoming(Protocol):
    """A citizen's message, as far as a case knows it. at: its arrival at our edge; date_of_receipt: in law.

    trace: whoever publishes goes on.
    """

    @property
    def message_id(self) -> MessageId: ...
    @property
    def at(self) -> datetime: ...
    @property
    def date_of_receipt(self) -> datetime: ...
    @property
    def channel(self) -> ChannelName: ...
    @property
    def automatic(self) -> Automatic | None: ...
    @property
    def trace(self) -> str | None: ...


@dataclass(frozen=True)
class InSector:
    """Whose a case or message is, as one sector knows them."""

    sector: SectorId
    citizen: SectorCitizenId | None
    candidates: tuple[SectorCitizenId, ...]
