"""What the product needs to know of a channel, as data: nobody reads a channel's code to learn it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from guichet.contracts.inbound import Channel
from guichet.contracts.inbound_content import IdentifierKind


class Form(Enum):
    """How a letter is written: a mail has a subject and goes on at any length, a short one is one or more messages."""

    MAIL = auto()
    SHORT = auto()


@dataclass(frozen=True, kw_only=True)
class ChannelFacts:
    """One channel. answered_on: the channel that carries what the town sends back; None: no electronic one does.

    kind: of address that an answer goes to. lane: of the provider account that sends it.
    longest: what one short message holds, in UTF-16 units, by the provider.
    is_conversation: messages carry no thread of their own; who writes on, and when, says what belongs together.
    vouches: the provider's webhook is signed, and it knows its own numbers and accounts.
    """

    answered_on: Channel | None = None
    kind: IdentifierKind | None = None
    lane: str | None = None
    form: Form = Form.MAIL
    longest: int = 1_000_000
    is_conversation: bool = False
    vouches: bool = False

    @property
    def is_electronic(self) -> bool:
        """Whether the town can answer by it, and so owes a receipt there (CRPA L112-11)."""
        return self.answered_on is not None


def _by_mail() -> ChannelFacts:
    return ChannelFacts(answered_on=Channel.EMAIL, kind=IdentifierKind.EMAIL, lane="mail")


def _by_telephone(channel: Channel) -> ChannelFacts:
    return _chat(channel, IdentifierKind.PHONE, lane="twilio", longest=1600)


def _chat(channel: Channel, kind: IdentifierKind, *, lane: str, longest: int) -> ChannelFacts:
    return ChannelFacts(
        answered_on=channel,
        kind=kind,
        lane=lane,
        form=Form.SHORT,
        longest=longest,
        is_conversation=True,
        vouches=True,
    )


_ELECTRONIC: Final = {
    Channel.EMAIL: _by_mail(),
    Channel.PORTAL: _by_mail(),  # the form asks for a mail address
    Channel.SMS: _by_telephone(Channel.SMS),
    Channel.WHATSAPP: _by_telephone(Channel.WHATSAPP),
    Channel.TELEGRAM: _chat(Channel.TELEGRAM, IdentifierKind.TELEGRAM, lane="telegram", longest=4096),
}
FACTS: Final[Mapping[Channel, ChannelFacts]] = {each: _ELECTRONIC.get(each, ChannelFacts()) for each in Channel}
