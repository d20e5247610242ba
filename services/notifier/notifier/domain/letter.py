"""One message ready to go, and what can become of an attempt to send it.

In memory only: it holds a citizen's address and words. A provider's trouble is no outcome: it is a TransientError.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from guichet.contracts.delivery import DeliveryState
from guichet.contracts.inbound import Channel
from guichet.contracts.inbound_content import MailThread
from guichet.ids import MessageId, Reference


@dataclass(frozen=True)
class Letter:
    """What a sender needs. recipient: mail address, E.164 number or chat id; account: the town's own address.

    more: this is a part of an answer, and others follow once it has left.

    thread: the mail that it answers; is_receipt: written by Guichet itself, not by an agent.
    reference: the case that an answer to it joins; None where it speaks of several.
    """

    outbound_id: MessageId
    channel: Channel
    account: str
    reference: Reference | None
    is_receipt: bool
    recipient: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    thread: MailThread | None = field(default=None, repr=False)
    more: bool = False


@dataclass(frozen=True)
class Concluded:
    """The attempt has an outcome: sent, failed for good, or withheld. reason: kebab-case code."""

    state: DeliveryState
    reason: str | None = None
    provider_id: str | None = None


@dataclass(frozen=True)
class Deferred:
    """The provider looked at this message and put it off: nothing reached the citizen, it is worth trying again."""

    reason: str


@dataclass(frozen=True)
class Waiting:
    """Nobody was asked to take the message, or nobody was there who could: our own waiting, which exhausts nothing.

    after: as the other side said; None: our backoff. is_bug: ours.
    """

    reason: str
    after: timedelta | None = None
    is_bug: bool = False


@dataclass(frozen=True)
class Doubtful:
    """The answer was lost: the message may have reached the citizen, or not.

    denied: the provider said itself that it failed. It is asked before the next attempt none the less, but this one
    counts as no copy: it was put off.
    """

    reason: str
    denied: bool = False


@dataclass(frozen=True)
class Undecided:
    """It has been sent as often as it may be in doubt, and nobody knows whether it left: for an agent to decide."""

    reason: str


@dataclass(frozen=True)
class Lost:
    """The lease had ended before the attempt began: nothing was sent, and somebody else has the delivery."""


@dataclass(frozen=True)
class Gathered:
    """No attempt was made: it leaves in one message with others of its recipient, from `due_at` on."""

    due_at: datetime


Outcome = Concluded | Deferred | Waiting | Doubtful | Undecided | Lost


def sent(provider_id: str | None = None) -> Concluded:
    """Return the outcome of a message that the provider took."""
    return Concluded(DeliveryState.SENT, provider_id=provider_id)


def failed(reason: str) -> Concluded:
    """Return the outcome of a message that will never arrive."""
    return Concluded(DeliveryState.FAILED, reason)
