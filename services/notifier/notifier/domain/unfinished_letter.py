"""What a letter says, and to whom, before it has the form of its channel. In memory only."""

from dataclasses import dataclass, field

from guichet.channel.outgoing.letter import Template
from guichet.contracts.base import Sealed
from guichet.contracts.inbound import Attachment, ChannelName
from guichet.contracts.inbound_content import MailThread
from guichet.ids import MessageId, Reference


@dataclass(frozen=True)
class EnclosedFile:
    """A file of an answer: what its message says of it, and what it is, once read. sealed: names the message's key."""

    kept: Attachment
    name: str = field(repr=False)
    sealed: Sealed = field(repr=False)
    content: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class UnfinishedLetter:
    """recipient, account: see `guichet.channel.outgoing.letter.Letter`.

    thread: the mail that it answers; is_receipt: written by Guichet itself, not by an agent.
    following: of a part of an answer, the texts of the parts after it.
    template, is_late: see notifier.domain.window.
    reference: the case that an answer to it joins; None where it speaks of several. files: of a mail.
    """

    outbound_id: MessageId
    channel: ChannelName
    account: str
    reference: Reference | None
    is_receipt: bool
    recipient: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    thread: MailThread | None = field(default=None, repr=False)
    following: tuple[str, ...] = field(default=(), repr=False)
    files: tuple[EnclosedFile, ...] = field(default=(), repr=False)
    template: Template | None = None
    is_late: bool = False
