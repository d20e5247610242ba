"""What can become of an attempt to send a letter. A provider's trouble is no outcome: it is a TransientError."""

from dataclasses import dataclass
from datetime import timedelta

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


Outcome = Concluded | Deferred | Waiting | Doubtful


def sent(provider_id: str | None = None) -> Concluded:
    """Return the outcome of a message that the provider took."""
    return Concluded(DeliveryState.SENT, provider_id=provider_id)


def failed(reason: str) -> Concluded:
    """Return the outcome of a message that will never arrive."""
    return Concluded(DeliveryState.FAILED, reason)
