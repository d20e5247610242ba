"""Which deed each event gets."""

from guichet.contracts.privacy import ErasureRequested
from guichet.contracts.topics import PRIVACY_REQUESTS
from guichet.kafka.worker import Deed, Worker, each


def add_agents(worker: Worker, *, record: Deed) -> None:
    """Read the requests; batches, retries, dead letters and commits are the loop's."""
    worker.read([PRIVACY_REQUESTS], each({ErasureRequested: record}))
