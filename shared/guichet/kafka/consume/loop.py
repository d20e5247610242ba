"""The worker loop: the only try/except around handlers.

A batch is handled whole. A transient error is retried in place; any other one halves the batch until the culprit is
alone, and that one becomes a dead letter; where that would be one too many, its topic is withheld and the others go on
(guichet.kafka.consume.withheld). What is finished is told to the tracker as it happens, in the order of each
partition, so that a stop in the middle commits exactly that.
"""

import asyncio
import itertools
import math
import secrets
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, Protocol

import structlog

from guichet.errors import ErasedError, TransientError
from guichet.kafka.attempts import MOST_ATTEMPTS
from guichet.kafka.consume.backoff import wait_before_retry
from guichet.kafka.consume.batch_pause import NO_PAUSE, BatchPause
from guichet.kafka.consume.watchdog import IdleTimer
from guichet.kafka.consume.withheld import Withheld
from guichet.kafka.dead_letters.ceiling import CeilingReachedError
from guichet.kafka.dead_letters.publish import CRASH_LOOP, Cause, DeadLetterSink, cause_of, cause_of_refusal
from guichet.kafka.records import BatchHandler, RawRecord, Received
from guichet.runtime.telemetry.metrics import BATCH_SECONDS, RECORDS_HANDLED, RECORDS_IN_WORK, RETRIES
from guichet.runtime.worker_stopped import WorkerStoppedError

log = structlog.get_logger()
_die = secrets.SystemRandom().random


class OffsetTracker(Protocol):
    """Who keeps what is finished, and what a crash would count against."""

    def is_alone(self, record: RawRecord) -> bool:
        """Return whether this record is handled by itself, because two processes crashed over it."""

    def attempts(self, record: RawRecord) -> int:
        """Return how often this record was alone in work and the process did not come back."""

    async def note_begin(self, batch: Sequence[RawRecord]) -> None:
        """Make it durable that these records are in work together, where the last process crashed near them."""

    async def note_attempts(self, record: RawRecord, attempts: int) -> None:
        """Make it durable that this record, alone, was tried `attempts` times without return."""

    def finished(self, part: Sequence[RawRecord]) -> None:
        """Every effect of these records is durable, or they are dead letters."""

    async def commit(self) -> None:
        """Make durable what is finished."""


class BatchLoop:
    """Carries batches of one consumer group through its act."""

    def __init__(  # noqa: PLR0913 - what a worker says of one reading
        self,
        *,
        service: str,
        group: str,
        handle: BatchHandler,
        dead_letters: DeadLetterSink,
        tracker: OffsetTracker,
        idle_timer: IdleTimer,
        withheld: Withheld,
        pause: BatchPause = NO_PAUSE,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._service = service
        self._group = group
        self._handle = handle
        self._dead_letters = dead_letters
        self._tracker = tracker
        self._idle_timer = idle_timer
        self._withheld = withheld
        self._pause = pause
        self._sleep = sleep
        self._ended = -math.inf

    async def work(self, batch: Sequence[RawRecord]) -> None:
        """Return when every record is finished, or withheld with its topic.

        Raises WorkerStoppedError, and nothing else that a message caused.
        """
        # Once, before anything is said to be in work: not for each part of a batch, nor counted against it.
        if pause_s := self._pause.before(len(batch), time.monotonic() - self._ended):
            await self._sleep(pause_s)
        try:
            await self._work(batch)
        finally:
            self._ended = time.monotonic()

    async def _work(self, batch: Sequence[RawRecord]) -> None:
        began = time.monotonic()
        in_work, left = RECORDS_IN_WORK.labels(self._service), len(batch)
        in_work.inc(left)
        try:
            await self._tracker.note_begin(batch)
            for part in parts(batch, self._tracker.is_alone):
                await self._finish(part)
                in_work.dec(len(part))
                left -= len(part)
        finally:
            in_work.dec(left)  # of a batch that was cancelled
        for topic, records in Counter(record.topic for record in self._withheld.rest_of(self._group, batch)).items():
            RECORDS_HANDLED.labels(self._service, topic).inc(records)
            BATCH_SECONDS.labels(self._service, topic).observe(time.monotonic() - began)

    async def _finish(self, part: Sequence[RawRecord]) -> None:
        part = self._withheld.rest_of(self._group, part)
        if not part:
            return
        cause = await self._try(part)
        if cause is not None and len(part) > 1:
            middle = len(part) // 2
            await self._finish(part[:middle])
            await self._finish(part[middle:])
            return
        if cause is not None:
            try:
                await self._give_up(part[0], cause)
            except CeilingReachedError as reached:
                await self._withhold(part[0], reached)
                return
        self._tracker.finished(part)
        self._idle_timer.reset()
        if self._tracker.is_alone(part[0]):
            await self._tracker.commit()  # or the next one's crash would count against this one

    async def _try(self, part: Sequence[RawRecord]) -> Cause | None:
        """Handle a part; return why it cannot be handled, or None."""
        first = part[0]
        if first.refused is not None:
            return cause_of_refusal(first.refused)
        if self._tracker.attempts(first) >= MOST_ATTEMPTS:
            return Cause(CRASH_LOOP)
        try:
            await self._retrying(lambda: self._handle_part(part), first)
        except WorkerStoppedError:
            raise
        except Exception as error:
            return None if isinstance(error, ErasedError) and len(part) == 1 else cause_of(error)
        return None

    async def _handle_part(self, part: Sequence[RawRecord]) -> None:
        events = [record.received for record in part if record.event is not None]
        if events and self._tracker.is_alone(part[0]):
            await self._handle_alone(part[0], events)
        elif events:
            await self._handle(events)

    async def _handle_alone(self, record: RawRecord, events: Sequence[Received[Any]]) -> None:
        attempts = self._tracker.attempts(record)
        await self._tracker.note_attempts(record, attempts + 1)
        try:
            await self._handle(events)
        except TransientError:
            await self._tracker.note_attempts(record, attempts)  # it came back: no crash
            raise

    async def _give_up(self, record: RawRecord, cause: Cause) -> None:
        await self._retrying(lambda: self._dead_letters.publish(record, self._group, cause), record)

    async def _withhold(self, record: RawRecord, reached: CeilingReachedError) -> None:
        """Leave a record, and all that follow on its topic, to whoever reads it after the worker's next start."""
        if self._tracker.is_alone(record):
            await self._tracker.note_attempts(record, self._tracker.attempts(record))  # it came back: no crash
        self._withheld.withhold(self._group, record.topic, reached)

    async def _retrying(self, act: Callable[[], Awaitable[None]], first: RawRecord) -> None:
        for attempt in itertools.count(1):
            try:
                return await act()
            except TransientError as error:
                pause_s = wait_before_retry(error, attempt, _die()).total_seconds()
                RETRIES.labels(self._service, first.topic).inc()
                log.warning("retrying", topic=first.topic, attempt=attempt, pause_s=pause_s, error=str(error))
            self._idle_timer.reset(pause_s)
            await self._sleep(pause_s)
        raise AssertionError("unreachable")


def parts(batch: Sequence[RawRecord], is_alone: Callable[[RawRecord], bool]) -> Iterator[Sequence[RawRecord]]:
    """Cut a batch into what is handled together. What is refused or under suspicion stands alone; order is kept."""
    together: list[RawRecord] = []
    for record in batch:
        if record.refused is None and not is_alone(record):
            together.append(record)
            continue
        if together:
            yield together
            together = []
        yield [record]
    if together:
        yield together
