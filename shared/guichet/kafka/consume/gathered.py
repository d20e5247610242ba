"""Small batches one soon after the other are made fewer: what comes within a moment is one batch."""

import asyncio
from collections.abc import Sequence
from time import monotonic
from typing import Any

from guichet.kafka.records import BatchHandler, Received


def gathered(handle: BatchHandler, pause_s: float, enough: int) -> BatchHandler:
    """Return a handler that begins at least so long after the last one's end, unless enough records have come.

    What comes meanwhile is the next batch. After a lull nothing waits. pause_s: in seconds.
    """
    ended = -pause_s

    async def handle_later(batch: Sequence[Received[Any]]) -> None:
        nonlocal ended
        await asyncio.sleep(pause_before(len(batch), monotonic() - ended, pause_s=pause_s, enough=enough))
        try:
            await handle(batch)
        finally:
            ended = monotonic()

    return handle_later


def pause_before(records: int, since_last_s: float, *, pause_s: float, enough: int) -> float:
    """Return how long a batch of so many records waits, in seconds, so long after the end of the last one."""
    return 0.0 if records >= enough else max(0.0, pause_s - since_last_s)
