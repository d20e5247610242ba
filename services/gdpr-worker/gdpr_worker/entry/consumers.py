"""Which handler each event gets."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any

from guichet.contracts.case_events import CaseDestroyed
from guichet.contracts.privacy import CancelErasure, ErasureRequested
from guichet.contracts.topics import CASE_EVENTS, PRIVACY_REQUESTS
from guichet.ids import CaseId
from guichet.kafka.consume.worker import Handler, Received, Worker
from guichet.privacy.signing.records import Signed
from guichet.runtime.telemetry.tracing import span_from

SERVES = frozenset({ErasureRequested, CancelErasure, CaseDestroyed})
Recording = Callable[[ErasureRequested, Signed], Awaitable[None]]


def add_consumers(
    worker: Worker, *, record: Recording, cancel: Handler, remove: Callable[[Collection[CaseId]], Awaitable[None]]
) -> None:
    """Read the requests one after the other, and together which cases were destroyed; the rest is the loop's.

    Each topic has a reading of its own: an object store that is away holds up what is removed, and must not hold up
    who cancels an erasure in time. A request is kept with its signature: it is verified again before anything is
    destroyed. remove: what lived with cases.
    """

    async def decide(batch: Sequence[Received[Any]]) -> None:
        for received in batch:
            event = received.event
            with span_from(received.headers, type(event).__name__):
                if isinstance(event, CancelErasure):
                    await cancel(event)
                elif isinstance(event, ErasureRequested):
                    assert received.signed is not None, "the loop lets nothing through that is not signed"
                    await record(event, received.signed)

    async def remove_destroyed(batch: Sequence[Received[Any]]) -> None:
        if destroyed := {each.event.case_id for each in batch if isinstance(each.event, CaseDestroyed)}:
            await remove(destroyed)

    worker.read([PRIVACY_REQUESTS], decide)
    worker.read([CASE_EVENTS], remove_destroyed)
