"""What an adapter understood of a provider's payload, before anything is sealed. It exists in memory only."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from guichet.channel.date_of_receipt import DateOfReceipt
from guichet.contracts.delivery import DeliveryReported
from guichet.contracts.inbound import Automatic, ChannelName, DateDoubt, DateSource, Suspicion
from guichet.contracts.inbound_content import InboundContent
from guichet.ids import AgentId, MessageId, ProcedureId


@dataclass(frozen=True)
class DraftFile:
    """A file that came with the message. name: as `clean_file_name` leaves it."""

    name: str = field(repr=False)
    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Draft:
    """A citizen's message, read.

    accounts: the town's receiving addresses. received_at: the moment of receipt in law, as `dated_by` says it, where
    the source tells none it is that of arrival (aware UTC; guichet.channel.date_of_receipt). arrived_at: at our edge;
    None: `received_at`. date_doubt: why what was said of the receipt is not believed. content: without
    `attachment_names`, which the edge fills in. sender_key_value: whose messages keep their order among each other;
    it becomes the ingest pseudonym. edits: the message that this one corrects. unread: nobody could read it; what
    came is among its files. suspended: why it opens no case before a person has looked at it.
    entered_by: the agent who took it down by hand; procedure: what they say it asks for; on_the_spot: they answered it
    there and then. reports: what it says became of letters of ours, for whoever hands it over to pass on beside it.
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
    arrived_at: datetime | None = None
    dated_by: DateSource = DateSource.EDGE
    date_doubt: DateDoubt | None = None
    suspended: Suspicion | None = None
    entered_by: AgentId | None = None
    procedure: ProcedureId | None = None
    on_the_spot: bool = False
    reports: tuple[DeliveryReported, ...] = ()

    def dated(self, receipt: DateOfReceipt) -> "Draft":
        """Return it as received in law at that moment. What `received_at` was until now, if nothing else, is arrival.

        receipt: what `date_of_receipt` makes of the time that the source gives.
        """
        return replace(
            self,
            received_at=receipt.at,
            arrived_at=self.at_our_edge,
            dated_by=receipt.by,
            date_doubt=receipt.doubt,
        )

    @property
    def at_our_edge(self) -> datetime:
        """When it arrived here (aware UTC)."""
        return self.arrived_at or self.received_at
