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
    """Nothing reached the citizen, and it is worth trying again. after: as the other side said; None: our backoff."""

    reason: str
    after: timedelta | None = None


@dataclass(frozen=True)
class Doubtful:
    """The answer was lost: the message may have reached the citizen, or not."""

    reason: str


@dataclass(frozen=True)
class Gathered:
    """No attempt was made: it leaves in one message with others of its recipient, from `due_at` on."""

    due_at: datetime


Outcome = Concluded | Deferred | Doubtful


def sent(provider_id: str | None = None) -> Concluded:
    """Return the outcome of a message that the provider took."""
    return Concluded(DeliveryState.SENT, provider_id=provider_id)


def failed(reason: str) -> Concluded:
    """Return the outcome of a message that will never arrive."""
    return Concluded(DeliveryState.FAILED, reason)
