"""One consumer group's reading of its topics: takes records, keeps what is finished, commits it.

Everything about partitions that come and go is here. New partitions stay paused until their marks are read
(guichet.kafka.attempts); a partition without a committed offset begins at its first record, once, on purpose; an
offset that the topic no longer holds stops the worker (design 3.7).
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener
from aiokafka.errors import (
    CommitFailedError,
    IllegalStateError,
    KafkaError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
)
from aiokafka.structs import OffsetAndMetadata, TopicPartition

from guichet.contracts.topics import Topic
from guichet.errors import TransientError
from guichet.kafka.attempts import CLEAN, Mark
from guichet.kafka.offsets import Offsets
from guichet.kafka.progress import Commit, Progress
from guichet.kafka.records import Taken, take
from guichet.kafka.sizes import FETCH_BYTES, LARGEST_RECORD
from guichet.kafka.stopping import WorkerStoppedError
from guichet.runtime.alarms import Alarm
from guichet.runtime.settings import KafkaSettings

log = structlog.get_logger()

BATCH_SIZE: Final = 500  # past this a batch gains nothing (stack 4)
SESSION_TIMEOUT_MS: Final = 6_000
REBALANCE_TIMEOUT_MS: Final = 30_000
_POLL_MS: Final = 500
_COMMITTING_S: Final = 5.0  # while a partition is being taken away, the group waits for us
_CLOSING_S: Final = 10.0

Release = Callable[[], Awaitable[None]]


class Reader(ConsumerRebalanceListener):  # type: ignore[misc]
    """A member of `group`. release: called before partitions go; returns when no batch is in work any more."""

    def __init__(self, kafka: KafkaSettings, topics: Sequence[Topic[Any]], group: str, *, release: Release) -> None:
        self._topics = {topic.name: topic for topic in topics}
        self._group = group
        self._release = release
        self._offsets = Offsets(kafka)
        self._servers = kafka.kafka_bootstrap_servers
        self._consumer: AIOKafkaConsumer | None = None
        self._new: set[TopicPartition] = set()  # assigned, marks not read yet
        self.progress = Progress(BATCH_SIZE)
        self._committing = asyncio.Lock()
        self._joined = False
        self._polled_at = -float("inf")

    # --- its life

    async def start(self) -> None:
        """Join the group. Raises TransientError while the broker is away or a topic does not exist."""
        await self._offsets.start()
        try:
            await self._offsets.partitions(list(self._topics))
            await self._join()
        except BaseException:
            await self._offsets.stop()
            raise

    async def _join(self) -> None:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._servers,
            client_id=self._group,
            group_id=self._group,
            enable_auto_commit=False,
            auto_offset_reset="none",
            session_timeout_ms=SESSION_TIMEOUT_MS,
            heartbeat_interval_ms=1_000,
            rebalance_timeout_ms=REBALANCE_TIMEOUT_MS,
            max_partition_fetch_bytes=LARGEST_RECORD,
            fetch_max_bytes=FETCH_BYTES,
            fetch_max_wait_ms=500,
        )
        consumer.subscribe(list(self._topics), listener=self)
        self._consumer = consumer
        try:
            await consumer.start()
        except KafkaError as exc:
            await consumer.stop()
            raise TransientError(f"Kafka: {type(exc).__name__}") from exc

    async def leave(self) -> None:
        """Commit what is finished, say that all went in order, leave the group."""
        await self._depart(self.progress.last_commit())

    async def abandon(self) -> None:
        """Commit what is finished and leave the group; what was in work stays under suspicion."""
        await self._depart(self.progress.next_commit())

    async def _depart(self, last: Commit) -> None:
        if self._consumer is None:
            return
        try:
            async with asyncio.timeout(_CLOSING_S):
                await self._commit(last)
                await self._consumer.stop()
                await self._offsets.stop()
        except (TimeoutError, KafkaError):  # the next member repeats what this one could not commit
            log.warning("left the group without saying so", group=self._group)

    # --- partitions come and go (called by aiokafka)

    async def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:
        """Let the batch in work end, commit what is finished, let go."""
        self._joined = False
        await self._release()
        try:
            async with asyncio.timeout(_COMMITTING_S):
                await self._commit(self.progress.last_commit())
        except (TimeoutError, KafkaError) as exc:
            log.warning("partitions left with their last work uncommitted", group=self._group, error=str(exc))
        self.progress.forget(revoked)

    def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        """Hold the new partitions back until `poll` has read their marks."""
        self.progress.forget(self.progress.held)
        self._new = set(assigned)
        self._current.pause(*assigned)
        self._joined = True

    async def _take_over(self) -> None:
        """Read the marks of new partitions, open them, and take their records from now on."""
        new = sorted(self._new)
        for place, found in (await self._offsets.committed(self._group, new)).items():
            if found is None:
                self.progress.take_over(place, await self._first_start(place), CLEAN)
            else:
                self.progress.take_over(place, found.offset, Mark.read(found.metadata))
        await self.commit()
        self._new.difference_update(new)
        self.go_on()

    async def _first_start(self, place: TopicPartition) -> int:
        """The group never committed here: begin at the first record."""
        await self._current.seek_to_beginning(place)
        start: int = await self._current.position(place)
        log.info("first start", group=self._group, topic=place.topic, partition=place.partition, offset=start)
        return start

    # --- reading

    async def poll(self) -> list[Taken]:
        """Return up to BATCH_SIZE records in the order of their partitions; empty when there are none just now.

        Raises WorkerStoppedError when the topic no longer holds what this group must read next.
        """
        try:
            if self._new:
                await self._take_over()
            records = await self._current.getmany(timeout_ms=_POLL_MS, max_records=BATCH_SIZE)
        except NoOffsetForPartitionError:
            return []  # a new partition: taken over at the next poll
        except OffsetOutOfRangeError as exc:
            raise self._out_of_range(exc) from None
        except TransientError as exc:
            log.warning("cannot read the group's offsets", group=self._group, error=str(exc))
            await asyncio.sleep(_POLL_MS / 1000)
            return []
        finally:
            self._polled_at = time.monotonic()
        return [take(record, self._topics[place.topic], self._group) for place in records for record in records[place]]

    async def hold(self) -> None:
        """Poll without taking anything: a member that does not poll is taken for dead (max.poll.interval.ms)."""
        self._current.pause(*self._current.assignment())
        try:
            held = await self._current.getmany(timeout_ms=0)
        except (NoOffsetForPartitionError, OffsetOutOfRangeError):
            held = {}  # they come again at the next poll
        self._polled_at = time.monotonic()
        for place, records in held.items():  # a partition that came while we looked: put them back
            if place in self._current.assignment():
                self._current.seek(place, records[0].offset)

    def go_on(self) -> None:
        """Take records again, except from partitions that are still new."""
        ready = self._current.assignment() - self._new
        self._current.resume(*ready)

    def _out_of_range(self, error: OffsetOutOfRangeError) -> WorkerStoppedError:
        lost: Mapping[TopicPartition, int] = error.args[0]
        where = ", ".join(f"{place.topic}/{place.partition} at {offset}" for place, offset in lost.items())
        return WorkerStoppedError(
            f"{self._group} stopped: the topic no longer holds the next record ({where}). Records may have been lost."
            " docs/operations.md, offset-out-of-range, says how to find out which, and how to go on.",
            alarm=Alarm.OFFSET_OUT_OF_RANGE,
            cause=f"{self._group}:{next(iter(lost)).topic}",
        )

    # --- committing (with `progress`, the ledger of guichet.kafka.loop)

    def is_alone(self, taken: Taken) -> bool:
        """See Ledger."""
        return self.progress.is_alone(taken)

    def attempts(self, taken: Taken) -> int:
        """See Ledger."""
        return self.progress.attempts(taken)

    def finished(self, part: Sequence[Taken]) -> None:
        """See Ledger."""
        self.progress.finished(part)

    async def note_attempts(self, taken: Taken, attempts: int) -> None:
        """See Ledger."""
        await self._commit({taken.place: OffsetAndMetadata(taken.offset, str(Mark(attempts=attempts)))})

    async def commit(self) -> None:
        """See Ledger."""
        await self._commit(self.progress.next_commit())

    async def _commit(self, offsets: Commit) -> None:
        if not offsets:
            return
        async with self._committing:
            try:
                await self._current.commit(dict(offsets))
            except (CommitFailedError, IllegalStateError) as exc:
                log.warning("rebalanced before the commit: another worker repeats it", error=type(exc).__name__)

    # --- what others ask

    async def check(self) -> None:
        """Raise TransientError unless this member is in its group, polls, and the broker answers."""
        if not self._joined:
            raise TransientError(f"{self._group} has no assignment")
        if time.monotonic() - self._polled_at > REBALANCE_TIMEOUT_MS / 1000:
            raise TransientError(f"{self._group} does not poll")
        await self._offsets.partitions(list(self._topics))

    async def waiting(self) -> int:
        """Return how many records wait in the partitions that this member holds. Raises TransientError."""
        return self.progress.waiting(await self._offsets.ends(self.progress.held))

    @property
    def _current(self) -> AIOKafkaConsumer:
        assert self._consumer is not None
        return self._consumer
