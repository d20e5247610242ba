"""Which deed each event gets. Batches, retries, dead letters and commits are the kit's (guichet.kafka.worker)."""

from guichet.contracts.case_events import CaseOpened, ReplyRequested
from guichet.contracts.delivery import DeliveryReported
from guichet.contracts.topics import CASE_EVENTS, DELIVERY_REPORTS
from guichet.kafka.worker import Worker, each
from notifier.handlers import Handlers


def add_agents(worker: Worker, handlers: Handlers) -> None:
    """Read the case events and the providers' reports."""
    worker.read(
        [CASE_EVENTS, DELIVERY_REPORTS],
        each(
            {
                CaseOpened: handlers.owe_receipt,
                ReplyRequested: handlers.owe_reply,
                DeliveryReported: handlers.record_report,
            }
        ),
    )
