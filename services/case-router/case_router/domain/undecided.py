"""Outbound messages of which nobody knows whether they left, and what an agent says of them. Pure."""

from typing import Final

from case_router.domain.case_changes import happened
from guichet.case.record import CaseRecord
from guichet.contracts.case_commands import SettleDelivery
from guichet.contracts.case_events import DeliverySettled
from guichet.contracts.delivery import DeliveryChanged, DeliveryState
from guichet.ids import MessageId
from guichet.store.deliveries.document import SETTLED_AS

ALREADY_SETTLED: Final = "already-settled"


def undecided_after(case: CaseRecord, report: DeliveryChanged) -> tuple[MessageId, ...]:
    """Return what waits for an agent once a report is known. Only what says that the message left, or failed, ends it:
    a first doubt that is told late is none."""
    if report.undecided:
        return (*(each for each in case.undecided if each != report.outbound_id), report.outbound_id)
    if report.state is DeliveryState.UNKNOWN:
        return case.undecided
    return _without(case, report.outbound_id)


def settled(case: CaseRecord, command: SettleDelivery) -> CaseRecord:
    """Return the case once an agent has said what holds of a message that waits for it."""
    shown = {**case.deliveries, command.outbound_id: SETTLED_AS[command.settlement]}
    known = case.model_copy(update={"deliveries": shown, "undecided": _without(case, command.outbound_id)})
    said = {"outbound_id": command.outbound_id, "settlement": command.settlement, "by": command.issued_by}
    return happened(known, DeliverySettled, command.event_id, command.occurred_at, **said)


def _without(case: CaseRecord, outbound_id: MessageId) -> tuple[MessageId, ...]:
    return tuple(each for each in case.undecided if each != outbound_id)
