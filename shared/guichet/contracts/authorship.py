"""Who wrote a message, and how far that is vouched for. Pure."""

from enum import IntEnum

from guichet.contracts.channels import ChannelFacts, Voucher
from guichet.contracts.inbound import Automatic
from guichet.contracts.inbound_content import Identifier, InboundContent


class Proof(IntEnum):
    """How far a message is vouched for, least first."""

    REFUSED = 0  # the author's own domain disowns it
    NONE = 1
    PROVEN = 2


def written_by(content: InboundContent, automatic: Automatic | None) -> Identifier | None:
    """Return who wrote it: a mail's From, which DMARC vouches for, comes after its Reply-To.

    A delivery report has no author: the mail server that wrote it is nobody of the town (RFC 3464).
    """
    if not content.sender or automatic is Automatic.DELIVERY_REPORT:
        return None
    is_mail = content.thread is not None
    return content.sender[-1] if is_mail else content.sender[0]


def proves_its_author(content: InboundContent, facts: ChannelFacts) -> bool:
    """Return whether somebody vouches for who wrote: a provider for its own numbers, DMARC for a mail's From.

    Nobody does for an address that was typed into a form, for a mail without a "pass", or for one of another kind than
    the channel's: a provider of chats knows nothing of whose mailbox is whose. facts: of its channel.
    """
    author = written_by(content, None)
    if author is None or facts.kind is None or author.kind != facts.kind.name:
        return False
    if facts.vouched_by is Voucher.MAIL_AUTHENTICATION:
        return content.thread is not None and content.thread.authenticated is True
    return facts.vouched_by is Voucher.PROVIDER


def proves_where_answers_go(content: InboundContent, facts: ChannelFacts) -> bool:
    """Return whether `sender[0]` is the very address that is vouched for: nobody vouches for a Reply-To."""
    same = len({each.value.strip().lower() for each in content.sender}) == 1
    return same and proves_its_author(content, facts)


def proof_of(content: InboundContent, facts: ChannelFacts) -> Proof:
    """Return how far the author is vouched for."""
    if content.is_refused():
        return Proof.REFUSED
    return Proof.PROVEN if proves_its_author(content, facts) else Proof.NONE
