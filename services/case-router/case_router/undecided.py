"""Outbound messages of which nobody knows whether they left, and what an agent says of them. Pure."""

from typing import Final

from case_router.case_changes import happened
from guichet.contracts.case_commands import SettleDelivery
from guichet.contracts.case_events import DeliverySettled
from guichet.contracts.delivery import DeliveryChanged, DeliveryState, Settlement
from guichet.ids import MessageId
from guichet.store.case_document import CaseDocument

ALREADY_SETTLED: Final = "already-settled"
_SHOWN_AS: Final = {
    Settlement.RECEIVED: DeliveryState.DELIVERED,
    Settlement.SEND_AGAIN: DeliveryState.PENDING,
}


def undecided_after(case: CaseDocument, report: DeliveryChanged) -> tuple[MessageId, ...]:
    """Return what waits for an agent once a report is known. Only what says that the message left, or failed, ends it:
    a first doubt that is told late is none."""
    if report.undecided:
        return (*(each for each in case.undecided if each != report.outbound_id), report.outbound_id)
    if report.state is DeliveryState.UNKNOWN:
        return case.undecided
    return _without(case, report.outbound_id)


def settled(case: CaseDocument, command: SettleDelivery) -> CaseDocument:
    """Return the case once an agent has said what holds of a message that waits for it."""
    shown = {**case.deliveries, command.outbound_id: _SHOWN_AS[command.settlement]}
    known = case.model_copy(update={"deliveries": shown, "undecided": _without(case, command.outbound_id)})
    said = {"by": command.issued_by}
    noted = {**said, "message_id": command.outbound_id, "state": command.settlement}
    about = {**said, "outbound_id": command.outbound_id, "settlement": command.settlement}
    return happened(known, DeliverySettled, command.event_id, command.occurred_at, noted, **about)


def _without(case: CaseDocument, outbound_id: MessageId) -> tuple[MessageId, ...]:
    return tuple(each for each in case.undecided if each != outbound_id)
