"""Which deed each event gets. Batches, retries, dead letters and commits are the kit's (guichet.kafka.worker)."""

from collections.abc import Sequence
from typing import Any, Final

from guichet.contracts.case_events import CaseOpened, ReplyRequested
from guichet.contracts.delivery import DeliveryReported
from guichet.contracts.topics import CASE_EVENTS, DELIVERY_REPORTS
from guichet.kafka.records import Received
from guichet.kafka.worker import Worker, each
from notifier.handlers import Handlers

SERVES: Final = frozenset({CaseOpened, ReplyRequested, DeliveryReported})


def add_agents(worker: Worker, handlers: Handlers) -> None:
    """Read the case events and the providers' reports. Receipts are owed in bulk: every new case is owed one."""
    one_by_one = each({ReplyRequested: handlers.owe_reply, DeliveryReported: handlers.record_report})

    async def handle(batch: Sequence[Received[Any]]) -> None:
        await handlers.owe_receipts([received for received in batch if isinstance(received.event, CaseOpened)])
        await one_by_one(batch)

    worker.read([CASE_EVENTS, DELIVERY_REPORTS], handle)
