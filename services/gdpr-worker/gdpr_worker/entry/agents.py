"""Which handler each event gets."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from guichet.contracts.privacy import CancelErasure, ErasureRequested
from guichet.contracts.topics import PRIVACY_REQUESTS
from guichet.kafka.consume.worker import Handler, Received, Worker
from guichet.privacy.signing import Signed
from guichet.runtime.tracing import span_from

SERVES = frozenset({ErasureRequested, CancelErasure})
Recording = Callable[[ErasureRequested, Signed], Awaitable[None]]


def add_agents(worker: Worker, *, record: Recording, cancel: Handler) -> None:
    """Read the requests, one after the other; retries, dead letters and commits are the loop's.

    A request is kept with its signature: it is verified again before anything is destroyed.
    """

    async def handle(batch: Sequence[Received[Any]]) -> None:
        for received in batch:
            event = received.event
            with span_from(received.headers, type(event).__name__):
                if isinstance(event, CancelErasure):
                    await cancel(event)
                elif isinstance(event, ErasureRequested):
                    assert received.signed is not None, "the loop lets nothing through that is not signed"
                    await record(event, received.signed)

    worker.read([PRIVACY_REQUESTS], handle)
