"""What an adapter understood of a provider's payload, before anything is sealed. It exists in memory only."""

from dataclasses import dataclass, field
from datetime import datetime

from guichet.contracts.inbound import Automatic, ChannelName
from guichet.contracts.inbound_content import InboundContent
from guichet.ids import MessageId


@dataclass(frozen=True)
class DraftFile:
    """A file that came with the message. name: as `clean_file_name` leaves it."""

    name: str = field(repr=False)
    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Draft:
    """A citizen's message, read.

    accounts: the town's receiving addresses. received_at: arrival at our edge (aware UTC). content: without
    `attachment_names`, which the edge fills in. sender_key_value: whose messages keep their order among each other;
    it becomes the ingest pseudonym. edits: the message that this one corrects. unread: nobody could read it; what
    came is among its files.
    """

    channel: ChannelName
    accounts: tuple[str, ...]
    message_id: MessageId
    content: InboundContent = field(repr=False)
    received_at: datetime
    sender_key_value: str = field(repr=False)
    automatic: Automatic | None = None
    edits: MessageId | None = None
    files: tuple[DraftFile, ...] = ()
    unread: bool = False
