"""From one handler per event type to a handler of whole batches."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final
from zlib import crc32

from guichet.contracts.base import Event
from guichet.errors import ErasedError, ThrottledError, TransientError
from guichet.kafka.records import BatchHandler, Received
from guichet.runtime.telemetry.tracing import span_from

Handler = Callable[[Any], Awaitable[None]]

FULL_PART: Final = 200  # records, from which on a part of their own is worth its calls of the store
_AT_ONCE: Final = 50  # keys in work: past this, a store on one machine gets no faster


def dispatch(handlers: Mapping[type[Event], Handler]) -> BatchHandler:
    """Return a handler that gives each event to its type's handler: those of one key in order, keys side by side.

    Each handler runs in a span of the trace that its event came with. A type that `handlers` does not name is skipped.
    An event whose key was destroyed counts as done (ErasedError).
    When several fail, an error that dead-letters is raised rather than one that waits: the loop narrows it down.
    """

    async def handle(batch: Sequence[Received[Any]]) -> None:
        limit = asyncio.Semaphore(_AT_ONCE)
        by_key = _by_key([received for received in batch if type(received.event) in handlers])
        await _all_of(_in_order(of_one_key, handlers, limit) for of_one_key in by_key)

    return handle


def in_parallel(handle: BatchHandler, most: int) -> BatchHandler:
    """Return a handler that works off a large batch in up to `most` parts side by side: one decides, others write.

    Each key is in one part, so that its order is kept; `handle` meets itself as it meets another process. A batch that
    is not large stays whole: each part costs the store as many calls as the batch would.
    """

    async def handle_in_parallel(batch: Sequence[Received[Any]]) -> None:
        wanted = max(1, min(most, len(batch) // FULL_PART))
        parts: list[list[Received[Any]]] = [[] for _ in range(wanted)]
        for received in batch:
            parts[crc32((received.key or received.event.event_id).encode()) % wanted].append(received)
        await _all_of(handle(part) for part in parts if part)

    return handle_in_parallel


async def _all_of(works: Iterable[Awaitable[None]]) -> None:
    """Let all come to their end, then raise the worst of their failures."""
    outcomes = await asyncio.gather(*works, return_exceptions=True)
    failures = [outcome for outcome in outcomes if outcome is not None]
    if failures:
        raise worst(failures)


def _by_key(batch: Sequence[Received[Any]]) -> list[list[Received[Any]]]:
    """Events by key, whatever their topic: a case's command and its delivery event do not overtake each other."""
    by_key: dict[str, list[Received[Any]]] = {}
    for received in batch:
        by_key.setdefault(received.key or received.event.event_id, []).append(received)
    return list(by_key.values())


async def _in_order(
    of_one_key: Sequence[Received[Any]], handlers: Mapping[type[Event], Handler], limit: asyncio.Semaphore
) -> None:
    async with limit:
        for received in of_one_key:
            event = received.event
            with suppress(ErasedError), span_from(received.headers, type(event).__name__):
                await handlers[type(event)](event)


def worst(failures: Sequence[BaseException]) -> BaseException:
    """Return the failure that decides for a batch: one that will not pass, else the one that must wait longest."""
    lasting = [failure for failure in failures if not isinstance(failure, TransientError)]
    return lasting[0] if lasting else max(failures, key=_wait_s)


def _wait_s(failure: BaseException) -> float:
    return failure.retry_after.total_seconds() if isinstance(failure, ThrottledError) else 0.0
