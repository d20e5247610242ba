"""What can become of one attempt to send, or why there is none. A provider's trouble is raised as TransientError."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from guichet.contracts.delivery import DeliveryState


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
