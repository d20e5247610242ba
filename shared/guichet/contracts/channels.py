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


class Voucher(Enum):
    """Who may vouch for whoever wrote. PROVIDER: its webhook is signed, and it knows its own numbers and accounts.

    MAIL_AUTHENTICATION: the receiving server's verdict on the author in From (DMARC), mail by mail.
    """

    NOBODY = auto()
    PROVIDER = auto()
    MAIL_AUTHENTICATION = auto()


@dataclass(frozen=True, kw_only=True)
class ChannelFacts:
    """One channel; the defaults are those of a channel by voice or on paper.

    answered_on: the channel that carries what the town sends back; None: no electronic one does.
    kind: of address that an answer goes to. lane: of the provider account that sends it. form: of a letter.
    longest: what one short message holds, in UTF-16 units, by the provider.
    is_conversation: messages carry no thread of their own; who writes on, and when, says what belongs together.
    """

    answered_on: Channel | None = None
    kind: IdentifierKind | None = None
    lane: str | None = None
    form: Form | None = None
    longest: int | None = None
    is_conversation: bool = False
    vouched_by: Voucher = Voucher.NOBODY

    @property
    def is_electronic(self) -> bool:
        """Whether the town can answer by it, and so owes a receipt there (docs/law.md 7)."""
        return self.answered_on is not None


def _by_mail(vouched_by: Voucher) -> ChannelFacts:
    return ChannelFacts(
        answered_on=Channel.EMAIL, kind=IdentifierKind.EMAIL, lane="mail", form=Form.MAIL, vouched_by=vouched_by
    )


def _short(channel: Channel, kind: IdentifierKind, *, lane: str, longest: int) -> ChannelFacts:
    return ChannelFacts(
        answered_on=channel,
        kind=kind,
        lane=lane,
        form=Form.SHORT,
        longest=longest,
        is_conversation=True,
        vouched_by=Voucher.PROVIDER,
    )


_ELECTRONIC: Final = {
    Channel.EMAIL: _by_mail(Voucher.MAIL_AUTHENTICATION),
    Channel.PORTAL: _by_mail(Voucher.NOBODY),  # the form asks for a mail address, and believes what is typed
    Channel.SMS: _short(Channel.SMS, IdentifierKind.PHONE, lane="twilio", longest=1600),
    Channel.WHATSAPP: _short(Channel.WHATSAPP, IdentifierKind.PHONE, lane="twilio", longest=1600),
    Channel.TELEGRAM: _short(Channel.TELEGRAM, IdentifierKind.TELEGRAM, lane="telegram", longest=4096),
}
FACTS: Final[Mapping[Channel, ChannelFacts]] = {each: _ELECTRONIC.get(each, ChannelFacts()) for each in Channel}
