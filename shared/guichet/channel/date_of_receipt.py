"""When the town received a message in law: when its own server or provider first took it (docs/law.md 15). Pure.

What is said of that is believed unless it cannot be true. Then the moment at our edge counts, which is never too early
for the town nor unknown, and the agent is told why.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from guichet.contracts.inbound import FIRST_ARRIVAL, DateDoubt, DateSource

CLOCKS_DIFFER: Final = timedelta(minutes=5)  # by so much another's clock may be ahead of ours
SENDERS_DIFFER: Final = timedelta(days=1)  # a citizen's clock, or its time zone, may be wrong by as much


@dataclass(frozen=True)
class DateOfReceipt:
    """at: the moment that counts (aware UTC). by: who says so. doubt: why another one that was said does not count."""

    at: datetime
    by: DateSource = DateSource.EDGE
    doubt: DateDoubt | None = None


def date_of_receipt(
    arrived_at: datetime, said: datetime | None, by: DateSource, written_at: datetime | None = None
) -> DateOfReceipt:
    """Return the moment of receipt, never after `arrived_at`.

    arrived_at: at our edge. said: by `by`; None where it says nothing. written_at: by the sender's own clock, which
    counts for nothing but that no message is received a day before it was written. All aware.
    """
    if said is None:
        return DateOfReceipt(arrived_at)
    if said > arrived_at + CLOCKS_DIFFER:
        return DateOfReceipt(arrived_at, doubt=DateDoubt.IN_THE_FUTURE)
    if said < FIRST_ARRIVAL or (written_at is not None and said < written_at - SENDERS_DIFFER):
        return DateOfReceipt(arrived_at, doubt=DateDoubt.BEFORE_IT_WAS_WRITTEN)
    return DateOfReceipt(min(_its_own(said, arrived_at), arrived_at), by)


def _its_own(said: datetime, arrived_at: datetime) -> datetime:
    """Return a time of whole seconds with our own fraction of one: what it says is as true, and no other has the same.

    Headers and providers tell whole seconds. Equal in two messages of one person, they would join the two sectors that
    these lie in (docs/decisions/0014, guichet.privacy.coarse_times).
    """
    return said if said.microsecond else said.replace(microsecond=arrived_at.microsecond)
