"""One message, finished: who sends it adds nothing. In memory only: it holds an address and a person's words."""

from dataclasses import dataclass, field

from guichet.contracts.inbound import ChannelName
from guichet.ids import MessageId


@dataclass(frozen=True)
class Mail:
    """A mail (RFC 5322), whole but for its Date: each attempt has its own. envelope_sender: who gets bounces."""

    envelope_sender: str = field(repr=False)
    message: bytes = field(repr=False)


@dataclass(frozen=True)
class Template:
    """A message of fixed words that the provider has approved. id: the provider's. values: of its places, in order."""

    id: str
    values: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True)
class Letter:
    """What a sender needs. recipient: mail address, E.164 number or chat id; account: the town's own address.

    mail: of a channel whose form is the mail. more: this is a part of an answer, and others follow once it has left.
    template: what leaves instead of `text`, since the channel's window is over; an attempt before may have sent `text`.
    """

    outbound_id: MessageId
    channel: ChannelName
    account: str
    recipient: str = field(repr=False)
    text: str = field(repr=False)
    mail: Mail | None = None
    more: bool = False
    template: Template | None = None
