"""What a case's story is made of: who wrote, what the town sent, what was decided. Pure."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from agent_desk.domain.cases.came_again import CameAgain
from agent_desk.domain.cases.receipt_date import ReceiptDate
from agent_desk.domain.pictures.picture import PictureKind
from guichet.contracts.delivery import DeliveryState, Purpose
from guichet.contracts.inbound import Automatic, ChannelName
from guichet.contracts.inbound_content import Identifier, InboundContent, Location, PaperOriginal
from guichet.ids import AgentId, DepartmentId, MessageId, NoteId
from guichet.store.deliveries.decisions import NOT_ELECTRONIC
from guichet.store.messages.document import OutboundContent
from guichet.store.messages.suspension import Suspension

Words = InboundContent | OutboundContent


@dataclass(frozen=True)
class File:
    """An attachment. number: in its message, as the download's address bears it. kind: as what it is shown."""

    message_id: MessageId
    number: int
    name: str = field(repr=False)
    size_bytes: int
    dangerous: bool = False  # to open: it runs, holds macros, or is a page
    kind: PictureKind | None = None


@dataclass(frozen=True)
class CitizenWrote:
    """An inbound message. text: None when it was erased or tampered with. corrects: it replaces an earlier message.

    unverified: nobody vouches for its author, and no agent has recognised them at this address.
    unread: no program could read it; the original is among its files. remarks: codes, of how it came.
    suspended: a filter of the town's suspected it. entered_by: the agent who took it down.
    joined: messages that brought nothing but more of its files, which are among its own (albums).
    at: arrival at our edge, by which the story is told; receipt: what the law counts from, beside it.
    is_apart: it joined the case, and may be entered as a request of its own.
    """

    at: datetime
    receipt: ReceiptDate
    message_id: MessageId
    channel: ChannelName
    text: str | None = field(repr=False)
    subject: str | None = field(default=None, repr=False)
    display_name: str | None = field(default=None, repr=False)
    sender: tuple[Identifier, ...] = field(default=(), repr=False)
    location: Location | None = field(default=None, repr=False)
    place: str | None = field(default=None, repr=False)
    represented_by: str | None = field(default=None, repr=False)
    original: PaperOriginal | None = field(default=None, repr=False)
    files: tuple[File, ...] = ()
    automatic: Automatic | None = None
    corrects: bool = False
    tampered: bool = False
    unverified: bool = False
    unread: bool = False
    remarks: tuple[str, ...] = ()
    suspended: Suspension | None = None
    entered_by: AgentId | None = None
    joined: tuple[MessageId, ...] = ()
    is_apart: bool = False
    kind: Literal["citizen"] = "citizen"


@dataclass(frozen=True)
class TownWrote:
    """An outbound message. author: None for Guichet itself. delivery: how far it got; reason: why no further, a code.

    drafted_by: the colleague who wrote what the author signed. undecided: nobody will learn by themselves whether it
    left, so an agent says. late_after: the last moment of its legal delay, of a receipt that left later.
    by_mail_instead: not on its channel, past a cap. by_another_way: in place of one that did not arrive.
    by_template: the citizen got a fixed message with a link to it.
    to: the address that its author chose; None: back to who wrote.
    goes_instead: an answer that failed, and nothing has made up for it. left_for: see domain/cases/left_for.py.
    posted_at: when an agent said that it was posted, of an answer on paper. asks: the mark of a question that it asks.
    """

    at: datetime
    message_id: MessageId
    channel: ChannelName
    purpose: Purpose
    text: str | None = field(repr=False)
    author: AgentId | None
    delivery: DeliveryState
    reason: str | None = None
    undecided: bool = False
    late_after: datetime | None = None
    by_mail_instead: bool = False
    by_another_way: bool = False
    by_template: bool = False
    tampered: bool = False
    files: tuple[File, ...] = ()
    drafted_by: AgentId | None = None
    to: str | None = field(default=None, repr=False)
    goes_instead: bool = False
    left_for: Identifier | None = field(default=None, repr=False)
    posted_at: datetime | None = None
    asks: str = ""
    kind: Literal["town"] = "town"

    @property
    def is_on_paper(self) -> bool:
        """Whether it is an answer that goes by no electronic way: an agent prints and posts it, or has."""
        is_to_print = self.delivery == DeliveryState.WITHHELD and self.reason == NOT_ELECTRONIC
        return self.purpose is Purpose.REPLY and (is_to_print or self.posted_at is not None)


@dataclass(frozen=True)
class Step:
    """Something that happened to the case. reason: an agent's words, opened; None without, or erased.

    cause: the message or command. unsent: the answer that a refused command was to send; untaken: the note that one was
    to add.
    """

    at: datetime
    type: str
    by: AgentId | None = None
    department: DepartmentId | None = None
    from_department: DepartmentId | None = None
    to_agent: AgentId | None = None
    from_agent: AgentId | None = None
    until: datetime | None = None
    state: str | None = None
    code: str | None = None
    due: date | None = None
    reason: str | None = field(default=None, repr=False)
    reason_tampered: bool = False
    unsent: str | None = field(default=None, repr=False)
    untaken: str | None = field(default=None, repr=False)
    cause: str | None = None
    kind: Literal["step"] = "step"

    @property
    def refused(self) -> str | None:
        """The command that came to nothing, where the step tells of one."""
        return self.cause if self.type == "CommandRefused" else None


@dataclass(frozen=True)
class Noted:
    """An internal note: no citizen is sent or shown it. text: None when it was erased or tampered with.

    mentions: the colleagues to whom it speaks by name. call: what it says of a telephone call (CallStep).
    wanted_at: from when on somebody wishes to be called back.
    """

    at: datetime
    note_id: NoteId
    author: AgentId | None
    text: str | None = field(repr=False)
    tampered: bool = False
    cause: str | None = None
    mentions: tuple[AgentId, ...] = ()
    call: str | None = None
    wanted_at: datetime | None = None
    kind: Literal["note"] = "note"


Moment = CitizenWrote | TownWrote | CameAgain | Noted | Step
