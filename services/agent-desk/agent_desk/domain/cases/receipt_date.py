"""When a message was received in law, beside when it came here (docs/law.md 15). Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from guichet.contracts.inbound import DateDoubt, DateSource
from guichet.store.messages.document import MessageDocument

WORTH_TELLING: Final = timedelta(minutes=5)  # what mail takes on its way, and clocks differ by, says nothing to anybody


@dataclass(frozen=True)
class ReceiptDate:
    """at: what the law counts from, as `by` says. arrived_at: at our edge. doubt: why another date does not count.

    stamped: an agent took it down, with the day on which the town received it.
    """

    at: datetime
    arrived_at: datetime
    by: DateSource = DateSource.EDGE
    doubt: DateDoubt | None = None
    stamped: bool = False

    @property
    def was_held(self) -> bool:
        """Whether it lay somewhere long enough before it came here."""
        return self.arrived_at - self.at > WORTH_TELLING


def receipt_date_of(message: MessageDocument) -> ReceiptDate:
    """Return an inbound message's dates."""
    stamped = message.entered_by is not None and message.date_of_receipt < message.at
    return ReceiptDate(message.date_of_receipt, message.at, message.dated_by, message.date_doubt, stamped)
