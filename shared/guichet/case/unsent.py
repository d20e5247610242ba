"""What a case still knows of the messages of the town that did not leave. Pure."""

from guichet.case.record import CaseRecord
from guichet.contracts.delivery import DeliveryState
from guichet.ids import MessageId


def awaits_another(case: CaseRecord, outbound: MessageId) -> bool:
    """Say whether a message of the case's failed and no answer has been taken since: another may go instead of it.

    One that the case does not know never does. A state that is told of no more was the last that was kept of it.
    """
    is_failed = case.deliveries.get(outbound, DeliveryState.FAILED) == DeliveryState.FAILED
    return outbound in case.unsent and outbound not in case.undecided and is_failed
