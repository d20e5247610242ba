"""Between reader and agent: one batch at a time; polling goes on while it is in work; commit when it is done."""

import asyncio
import contextlib
import itertools
import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, Protocol

import structlog

from guichet.errors import TransientError
from guichet.kafka.consume.backoff import wait_before_retry
from guichet.kafka.consume.batch import Batch
from guichet.kafka.records import RawRecord
from guichet.runtime.worker_stopped import WorkerStoppedError

log = structlog.get_logger()

HOLD_EVERY: Final = timedelta(seconds=1)
STOP_GRACE: Final = timedelta(seconds=10)  # of SIGTERM; Kubernetes kills after 30 s
REVOCATION_GRACE: Final = timedelta(seconds=20)  # of the rebalance time-out's 30 s: committing takes some too

Give = Callable[[Batch], Awaitable[None]]


class Source(Protocol):
    """What the poller reads from (guichet.kafka.consume.reader.Reader)."""

    async def start(self) -> None: ...
    async def poll(self) -> list[RawRecord]: ...
    async def hold(self) -> None: ...
    def go_on(self) -> None: ...
    async def commit(self) -> None: ...
    async def leave(self) -> None: ...
    async def abandon(self) -> None: ...


class Poller:
    """Runs until told to stop. give: hands a batch to the agent."""

    def __init__(self, source: Source, give: Give, stopping: asyncio.Event) -> None:
        self._source = source
        self._give = give
        self._stopping = stopping
        self._batch: Batch | None = None

    async def run(self) -> None:
        """Read, hand over, commit. However it ends, what is finished is committed and the group is left.

        Only an end in order says so in the commit; after any other, what was in work is suspect.
        Raises WorkerStoppedError.
        """
        try:
            await self._start()
            while not self._stopping.is_set():
                if records := await self._source.poll():
                    await self._carry(Batch(records))
        except WorkerStoppedError:
            await self._source.leave()
            raise
        except BaseException:
            await self._source.abandon()
            raise
        await self._source.leave()

    async def _start(self) -> None:
        """Join the group, waiting for a broker that is away and for topics that are not there yet."""
        for attempt in itertools.count(1):
            try:
                return await self._source.start()
            except TransientError as exc:
                pause = wait_before_retry(exc, attempt, secrets.SystemRandom().random())
                log.warning("cannot start reading yet", error=str(exc), pause_s=pause.total_seconds())
            if await _happens_within(self._stopping, pause):
                return None
        raise AssertionError("unreachable")

    async def _carry(self, batch: Batch) -> None:
        self._batch = batch
        await self._give(batch)
        while not await self._has_ended(batch):
            await self._source.hold()
        self._batch = None
        if batch.failure is not None:
            raise batch.failure
        self._source.go_on()
        await self._source.commit()

    async def _has_ended(self, batch: Batch) -> bool:
        if self._stopping.is_set():
            await batch.end_within(STOP_GRACE)
        return await _happens_within(batch.ended, HOLD_EVERY)

    async def release(self) -> None:
        """Return when no batch is in work any more; one that takes too long is cancelled."""
        if self._batch is not None:
            await self._batch.end_within(REVOCATION_GRACE)


async def _happens_within(event: asyncio.Event, patience: timedelta) -> bool:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), patience.total_seconds())
    return event.is_set()
