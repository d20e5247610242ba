"""What a third party's host could not read: it may not write among dead letters, so the router puts it there."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from guichet.contracts.dead_letters import PayloadGivenUp
from guichet.kafka.records import BatchHandler, Received

Keep = Callable[[str, Sequence[PayloadGivenUp]], Awaitable[None]]
"""Returns once they are durable among the dead letters of that topic (DeadLetters.keep_given_up)."""


def keeping_given_up(handle: BatchHandler, keep: Keep) -> BatchHandler:
    """Return a handler that keeps what hosts gave up, and leaves the rest of a batch to `handle`.

    The rest comes first: where it fails, the batch is tried again in halves, and each time its letters would be written
    once more.
    """

    async def handle_both(batch: Sequence[Received[Any]]) -> None:
        rest = [received for received in batch if not isinstance(received.event, PayloadGivenUp)]
        if rest:
            await handle(rest)
        for topic, payloads in _by_topic(batch).items():
            await keep(topic, payloads)

    return handle_both


def _by_topic(batch: Sequence[Received[Any]]) -> dict[str, list[PayloadGivenUp]]:
    found: dict[str, list[PayloadGivenUp]] = {}
    for received in batch:
        if isinstance(received.event, PayloadGivenUp):
            found.setdefault(received.topic, []).append(received.event)
    return found
