"""What can become of an attempt beside what a provider says: only the notifier knows its store and its limits."""

from dataclasses import dataclass
from datetime import datetime

from guichet.channel.outgoing.outcomes import Outcome as ProviderOutcome
from guichet.channel.outgoing.outcomes import failed
from guichet.store.deliveries.document import DeliveryDocument


@dataclass(frozen=True)
class Undecided:
    """It has been sent as often as it may be in doubt, and nobody knows whether it left: for an agent to decide."""

    reason: str


@dataclass(frozen=True)
class Lost:
    """The lease had ended before the attempt began: nothing was sent, and somebody else has the delivery."""


@dataclass(frozen=True)
class NoRoom:
    """Nothing was sent: no cap of the account has room for it (guichet.store.deliveries.spending)."""


@dataclass(frozen=True)
class Barred:
    """Nothing was sent: the town writes to no such number (guichet.town.reachable_numbers)."""

    reason: str


@dataclass(frozen=True)
class AddressGone:
    """Nothing was sent: it was to go by mail instead, and the message that gave the address is erased."""


@dataclass(frozen=True)
class Gathered:
    """No attempt was made: it leaves in one message with others of its recipient, from `due_at` on."""

    due_at: datetime


Outcome = ProviderOutcome | Undecided | Lost | NoRoom | Barred | AddressGone


def no_more(held: DeliveryDocument, reason: str) -> Outcome:
    """Return what is said of a message that is tried no more: that it failed, unless an earlier copy may be there."""
    return Undecided(reason) if held.copies else failed(reason)
