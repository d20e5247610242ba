"""What a run finds at its end, in plain values, for the verdicts."""

from dataclasses import dataclass

from guichet.contracts.delivery import DeliveryState

LEFT = (DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ)


@dataclass(frozen=True)
class StoredCase:
    """A case. history: the versions that its history names; outbox: how many events wait in it."""

    version: int
    history: tuple[int, ...]
    outbox: int = 0


@dataclass(frozen=True)
class PublishedEvent:
    """A record of case-events. digest: of its value, so that a repetition can be compared."""

    event_id: str
    case_id: str
    version: int
    digest: str


@dataclass(frozen=True)
class Receipt:
    """What the town owes for a case and how far it got. undecided: nobody knows for good, and an agent is asked."""

    case_id: str
    way: str
    state: str
    untold: bool = False
    undecided: bool = False

    @property
    def has_left(self) -> bool:
        """Return whether a provider has taken it."""
        return self.state in LEFT


@dataclass(frozen=True)
class Copy:
    """A receipt as it reached a citizen. is_unanswered: the provider was ordered not to tell the town."""

    way: str
    provider_id: str
    at_s: float
    is_unanswered: bool = False


@dataclass(frozen=True)
class Letter:
    """A dead letter. topic: whose `-dlq` it lies on; word: which poison it is, or which message."""

    letter_id: str
    topic: str
    group: str
    reason: str
    word: str
