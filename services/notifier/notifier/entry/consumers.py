"""Which handler each event gets. Batches, retries, dead letters, commits: guichet.kafka.consume.worker."""

from collections.abc import Sequence
from typing import Any, Final

from guichet.case.kept import VISIBLE, is_visible
from guichet.contracts.case_events import (
    AbuseDeclared,
    CaseClosed,
    CaseDestroyed,
    CaseOpened,
    CaseReopened,
    CaseRerouted,
    DeliverySettled,
    LinkRenewed,
    ReceiptOwed,
    ReplyRequested,
    StepReached,
    WorkflowBegun,
)
from guichet.contracts.delivery import DeliveryReported
from guichet.contracts.topics import CASE_EVENTS, DELIVERY_REPORTS
from guichet.follow_pages.view_writer import ViewWriter
from guichet.kafka.consume.worker import Worker, dispatch
from guichet.kafka.records import Received
from notifier.handlers.owe_letters import Handlers

SERVES: Final = frozenset(
    {*VISIBLE, AbuseDeclared, CaseReopened, ReceiptOwed, CaseDestroyed, DeliverySettled, DeliveryReported}
)


def add_consumers(worker: Worker, handlers: Handlers, views: ViewWriter) -> None:
    """Read the case events and the providers' reports. Views and receipts are in bulk: every new case is owed one.

    A view is written before the intent of the letter that carries its link: no citizen opens a page too early.
    """
    one_by_one = dispatch(
        {
            ReplyRequested: handlers.owe_reply,
            LinkRenewed: handlers.owe_link,
            AbuseDeclared: handlers.owe_notice,
            ReceiptOwed: handlers.owe_acknowledgement,
            CaseClosed: handlers.owe_change,
            CaseReopened: handlers.owe_change,
            CaseRerouted: handlers.owe_change,
            WorkflowBegun: handlers.owe_step,
            StepReached: handlers.owe_step,
            DeliveryReported: handlers.record_report,
            DeliverySettled: handlers.settle,
        }
    )

    async def handle(batch: Sequence[Received[Any]]) -> None:
        await views.write({each.event.case_id for each in batch if is_visible(each.event)})
        await views.remove_former({each.event.case_id for each in batch if isinstance(each.event, LinkRenewed)})
        await views.remove({each.event.case_id for each in batch if isinstance(each.event, CaseDestroyed)})
        await handlers.owe_receipts([received for received in batch if isinstance(received.event, CaseOpened)])
        await one_by_one(batch)

    worker.read([CASE_EVENTS, DELIVERY_REPORTS], handle)
