"""What is personal in an inbound message. It exists in memory only; on topics and at rest it is sealed."""

from enum import IntEnum, StrEnum

from pydantic import AwareDatetime, Field

from guichet.contracts.base import Contract
from guichet.contracts.inbound import Automatic, Channel

_PROVEN_BY_PROVIDER = frozenset({Channel.SMS, Channel.WHATSAPP, Channel.TELEGRAM})  # its webhook is signed


class IdentifierKind(StrEnum):
    """What kind of address a citizen is known by."""

    EMAIL = "email"
    PHONE = "phone"
    TELEGRAM = "telegram"


class Proof(IntEnum):
    """How far a message is vouched for, least first."""

    REFUSED = 0  # the author's own domain disowns it
    NONE = 1
    PROVEN = 2


class Identifier(Contract):
    """A citizen's address on a channel. value: as the provider gave it; the registry normalises it."""

    kind: IdentifierKind
    value: str


class MailThread(Contract):
    """The threading headers of a mail (RFC 5322 3.6.4), angle brackets removed, blanks left out.

    `to_addresses`: every address of To, Cc and the envelope, the town's own included (a signed token may hide in one).
    """

    message_id: str | None = None
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    to_addresses: tuple[str, ...] = ()
    authenticated: bool | None = None  # the receiving server's verdict on the author in From; None: not said


class Location(Contract):
    """A place the citizen sent, WGS 84 degrees."""

    latitude: float
    longitude: float


class InboundContent(Contract):
    """A citizen's words and addresses. `sender[0]` is the address an answer goes to.

    `conversation`: the provider's own id of the chat or number, where the channel has conversations.
    `attachment_names`: attachment_id → the file name the citizen gave.
    """

    sender: tuple[Identifier, ...]
    display_name: str | None = None
    subject: str | None = None
    text: str
    conversation: str | None = None
    thread: MailThread | None = None
    location: Location | None = None
    attachment_names: dict[str, str] = Field(default_factory=dict)
    written_at: AwareDatetime | None = None  # the sender's own clock, never used for a legal date

    def author(self, channel: Channel, automatic: Automatic | None) -> Identifier | None:
        """Return who wrote it: a mail's From, which DMARC vouches for, comes after its Reply-To.

        A delivery report has no author: the mail server that wrote it is nobody of the town (RFC 3464).
        """
        if not self.sender or automatic is Automatic.DELIVERY_REPORT:
            return None
        return self.sender[-1] if channel is Channel.EMAIL else self.sender[0]

    def proves_its_author(self, channel: Channel) -> bool:
        """Return whether somebody vouches for who wrote: a provider for its own numbers, DMARC for a mail's From.

        Nobody does for an address that was typed into a form, or for a mail without a "pass".
        """
        if channel is Channel.EMAIL:
            return self.thread is not None and self.thread.authenticated is True
        return channel in _PROVEN_BY_PROVIDER

    def proves_where_answers_go(self, channel: Channel) -> bool:
        """Return whether `sender[0]` is the very address that is vouched for: nobody vouches for a Reply-To."""
        same = len({each.value.strip().lower() for each in self.sender}) == 1
        return same and self.proves_its_author(channel)

    def proof(self, channel: Channel) -> Proof:
        """Return how far the author is vouched for."""
        if self.is_refused():
            return Proof.REFUSED
        return Proof.PROVEN if self.proves_its_author(channel) else Proof.NONE

    def is_refused(self) -> bool:
        """Return whether the author's own domain disowns the mail (DMARC "fail")."""
        return self.thread is not None and self.thread.authenticated is False
