"""Who wrote a message, and how far that is vouched for. Pure."""

from enum import IntEnum

from guichet.contracts.channels import FACTS, Voucher
from guichet.contracts.inbound import Automatic, Channel
from guichet.contracts.inbound_content import Identifier, InboundContent


class Proof(IntEnum):
    """How far a message is vouched for, least first."""

    REFUSED = 0  # the author's own domain disowns it
    NONE = 1
    PROVEN = 2


def written_by(content: InboundContent, channel: Channel, automatic: Automatic | None) -> Identifier | None:
    """Return who wrote it: a mail's From, which DMARC vouches for, comes after its Reply-To.

    A delivery report has no author: the mail server that wrote it is nobody of the town (RFC 3464).
    """
    if not content.sender or automatic is Automatic.DELIVERY_REPORT:
        return None
    has_reply_to = FACTS[channel].vouched_by is Voucher.MAIL_AUTHENTICATION
    return content.sender[-1] if has_reply_to else content.sender[0]


def proves_its_author(content: InboundContent, channel: Channel) -> bool:
    """Return whether somebody vouches for who wrote: a provider for its own numbers, DMARC for a mail's From.

    Nobody does for an address that was typed into a form, or for a mail without a "pass".
    """
    if FACTS[channel].vouched_by is Voucher.MAIL_AUTHENTICATION:
        return content.thread is not None and content.thread.authenticated is True
    return FACTS[channel].vouched_by is Voucher.PROVIDER


def proves_where_answers_go(content: InboundContent, channel: Channel) -> bool:
    """Return whether `sender[0]` is the very address that is vouched for: nobody vouches for a Reply-To."""
    same = len({each.value.strip().lower() for each in content.sender}) == 1
    return same and proves_its_author(content, channel)


def proof_of(content: InboundContent, channel: Channel) -> Proof:
    """Return how far the author is vouched for."""
    if content.is_refused():
        return Proof.REFUSED
    return Proof.PROVEN if proves_its_author(content, channel) else Proof.NONE
