"""What a document of `messages` holds: one communication, inbound or outbound, its words sealed under its own key."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from pydantic import AwareDatetime, Field

from guichet.contracts.base import Contract, Sealed
from guichet.contracts.delivery import Purpose
from guichet.contracts.inbound import Attachment, Automatic, ChannelName, DateDoubt, DateSource
from guichet.contracts.inbound_content import Identifier, InboundContent
from guichet.contracts.questions import Question
from guichet.ids import AgentId, CaseId, KeyId, MessageId, ProcedureId, SectorCitizenId, SectorId
from guichet.store.messages.suspension import Suspension, SuspensionState
from guichet.vault.fields import SealedField, json_of


class Direction(StrEnum):
    """Whether the town received or sent it."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class OutboundContent(Contract):
    """The town's words to a citizen, in memory only. attachment_names: see InboundContent.

    to: the address that an agent chose for them; None: that of whoever wrote what they answer.
    question: what they ask by a form; None: nothing.
    written_from: of words that Guichet wrote: the versions of the town's templates, by their names.
    """

    subject: str | None = None
    text: str
    attachment_names: dict[str, str] = Field(default_factory=dict)
    to: Identifier | None = Field(default=None, repr=False)
    question: Question | None = None
    written_from: dict[str, str] = Field(default_factory=dict)


INBOUND_CONTENT: Final = SealedField("message", "content", json_of(InboundContent), holds="addresses, names and words")
OUTBOUND_CONTENT: Final = SealedField("message", "content", json_of(OutboundContent), holds=INBOUND_CONTENT.holds)


class Copy(Contract):
    """A further delivery of a message: it lay under a key of its own, with files of its own."""

    key_id: KeyId
    files: tuple[str, ...] = ()


class MessageDocument(Contract):
    """A message. `content`: INBOUND_CONTENT or OUTBOUND_CONTENT, by its direction.

    `filed`: the case it belongs to; None while the router has not finished (an inbound message is a cause).
    An outbound message is written with its case from the start.
    `copies`: what else was sealed of it, on a topic and in the object store; nobody reads them, and they go with it.
    `copy_of`: the mail that another route brought first, of which this one is a copy with a banner: filed, and no
    message of the case. `mail_head`: of the first, what all copies have alike (docs/decisions/0045).
    """

    message_id: MessageId = Field(alias="_id")
    direction: Direction
    channel: ChannelName
    accounts: tuple[str, ...]
    at: AwareDatetime  # inbound: arrival at our edge; outbound: when it was written
    received_at: AwareDatetime | None = None  # inbound: receipt in law, as `dated_by` says it; None of before: `at`
    dated_by: DateSource = DateSource.EDGE
    date_doubt: DateDoubt | None = None  # why what was said of the receipt is not believed
    filed: CaseId | None = None
    sector: SectorId | None = None
    citizen: SectorCitizenId | None = None
    edits: MessageId | None = None
    copy_of: MessageId | None = None
    mail_head: MessageId | None = None
    automatic: Automatic | None = None
    suspended: Suspension | None = None  # inbound: a person looks at it first
    unread: bool = False  # nobody could read it: what came is among the attachments
    entered_by: AgentId | None = None  # inbound: who took it down by hand
    procedure: ProcedureId | None = None  # inbound: what they say it asks for
    on_the_spot: bool = False  # inbound: they answered it there and then
    attachments: tuple[Attachment, ...] = ()
    content: Sealed
    copies: tuple[Copy, ...] = ()
    author: AgentId | None = None  # outbound: the agent; None: Guichet itself
    drafted_by: AgentId | None = None  # outbound: who wrote what the author signed, where that was somebody else
    purpose: Purpose | None = None  # outbound only
    trace: str | None = None  # inbound: its way from the edge (guichet.runtime.telemetry.tracing), whoever files it

    @property
    def is_held_back(self) -> bool:
        """Whether it may not be filed: nobody has released it."""
        return self.suspended is not None and self.suspended.state is not SuspensionState.RELEASED

    @property
    def date_of_receipt(self) -> datetime:
        """When the town received it in law (docs/law.md 15): receipts and deadlines count from there."""
        return self.received_at or self.at
