"""One consumer group's reading of its topics: takes records, keeps what is finished, commits it.

Everything about partitions that come and go is here. New partitions stay paused until their marks are read
(guichet.kafka.attempts); a partition without a committed offset begins at its first record, once, on purpose; an
offset that the topic no longer holds stops the worker.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener
from aiokafka.errors import (
    CorruptRecordException,
    GroupAuthorizationFailedError,
    KafkaError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
    TopicAuthorizationFailedError,
    UnsupportedCodecError,
)
from aiokafka.structs import ConsumerRecord, TopicPartition

from guichet.contracts.topics import Topic
from guichet.errors import TransientError
from guichet.kafka.admin.offsets import Offsets
from guichet.kafka.attempts import CLEAN, Mark
from guichet.kafka.connection import stop_consumer
from guichet.kafka.consume.membership import (
    REBALANCE_TIMEOUT_MS,
    a_member,
    no_text,
    out_of_range,
    right_withdrawn,
    stops_no_other,
)
from guichet.kafka.consume.offset_tracker import GroupOffsetTracker
from guichet.kafka.consume.progress import Commit
from guichet.kafka.consume.withheld import Withheld
from guichet.kafka.not_allowed import not_allowed
from guichet.kafka.records import Admit, RawRecord, take
from guichet.privacy.signing.records import Verifier
from guichet.runtime.settings import KafkaSettings
from guichet.runtime.telemetry.alarms import raise_alarm

log = structlog.get_logger()

BATCH_SIZE: Final = 500  # past this a batch gains nothing
SHARE_APART: Final = 100  # records of a batch: of topics on which anybody's code writes as much as it likes
_POLL_MS: Final = 500
_COMMITTING_S: Final = 5.0  # while a partition is being taken away, the group waits for us
_CLOSING_S: Final = 10.0
_UNREADABLE: Final = (OffsetOutOfRangeError, UnicodeDecodeError, UnsupportedCodecError, CorruptRecordException)

Taken = Mapping[TopicPartition, Sequence[ConsumerRecord]]
Release = Callable[[], Awaitable[None]]


class Reader(ConsumerRebalanceListener):  # type: ignore[misc]
    """A member of `group`. release: called before partitions go; returns when no batch is in work any more.

    withheld: topics of which it takes no more. batch_size: how many records `poll` returns at most. verifier: needed
    where a topic's records are signed. admit: see take.
    apart: names of topics whose writers are not part of Guichet. However much they hold, they fill a small part of a
    batch; and where the next record of one cannot be read, these topics alone are read no more.
    """

    def __init__(  # noqa: PLR0913 - what a worker says of one reading
        self,
        kafka: KafkaSettings,
        topics: Sequence[Topic[Any]],
        group: str,
        *,
        release: Release,
        withheld: Withheld,
        batch_size: int = BATCH_SIZE,
        verifier: Verifier | None = None,
        admit: Admit | None = None,
        apart: frozenset[str] = frozenset(),
    ) -> None:
        self._topics = {topic.name: topic for topic in topics}
        self._group = group
        self._release = release
        self._withheld = withheld
        self._batch_size = batch_size
        self._verifier = verifier
        self._admit = admit
        self._offsets = Offsets(kafka)
        self._kafka = kafka
        self._consumer: AIOKafkaConsumer | None = None
        self._new: set[TopicPartition] = set()  # assigned, marks not read yet
        self.tracker = GroupOffsetTracker(batch_size, self._send)
        self._joined = False
        self._polled_at = -float("inf")
        self._apart = apart
        self._reads_apart = True

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
        consumer = a_member(self._kafka, self._group)
        consumer.subscribe(list(self._topics), listener=self)
        self._consumer = consumer
        try:
            await consumer.start()
        except KafkaError as exc:
            await stop_consumer(consumer)
            raise not_allowed(self._kafka, exc) or TransientError(f"Kafka: {type(exc).__name__}") from exc

    async def leave(self) -> None:
        """Commit what is finished, say that all went in order, leave the group."""
        await self._depart(self.tracker.commit_in_order)

    async def abandon(self) -> None:
        """Commit what is finished and leave the group; what was in work stays under suspicion."""
        await self._depart(self.tracker.commit)

    async def _depart(self, commit: Callable[[], Awaitable[None]]) -> None:
        if self._consumer is None:
            return
        self._joined = False  # whoever sends by our part of the partitions ends before others have it
        try:
            async with asyncio.timeout(_CLOSING_S):
                await commit()
                await stop_consumer(self._consumer)
                await self._offsets.stop()
        except (TimeoutError, KafkaError):  # the next member repeats what this one could not commit
            log.warning("left the group without saying so", group=self._group)

    # --- partitions come and go (called by aiokafka)

    async def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:
        """Let the batch in work end, commit what is finished, let go.

        From here until the next assignment nothing is taken over, handed out or committed: a commit while the group is
        joined anew names an old generation, and aiokafka answers that by leaving the group and joining it once more.
        """
        self._joined = False
        self._new = set()
        await self._release()
        try:
            async with asyncio.timeout(_COMMITTING_S):
                await self.tracker.commit_in_order()
        except (TimeoutError, KafkaError) as exc:
            log.warning("partitions left with their last work uncommitted", group=self._group, error=str(exc))
        self.tracker.forget(revoked)

    def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        """Hold the new partitions back until `poll` has read their marks."""
        self.tracker.forget(self.tracker.held)
        self._new = set(assigned)
        self._current.pause(*assigned)
        self._joined = True

    async def _take_over(self) -> None:
        """Read the marks of new partitions, open them, and take their records from now on."""
        new = self._new
        committed = await self._offsets.committed(self._group, sorted(new))
        begins = await self._offsets.begins([partition for partition, found in committed.items() if found is None])
        if self._new is not new:
            return  # they were taken away, or others assigned, meanwhile
        for partition, found in committed.items():
            if found is None:
                self._begin(partition, begins[partition])
            else:
                self.tracker.take_over(partition, found.offset, Mark.read(found.metadata))
        new.clear()
        await self.tracker.commit()
        self.go_on()

    def _begin(self, partition: TopicPartition, start: int) -> None:
        """The group never committed here: begin at the first record.

        At once: a seek that is awaited may be overtaken by a rebalance, after which aiokafka waits for a position that
        nobody sets any more.
        """
        self._current.seek(partition, start)
        self.tracker.take_over(partition, start, CLEAN)
        log.info("first start", group=self._group, topic=partition.topic, partition=partition.partition, offset=start)

    # --- reading

    async def poll(self) -> list[RawRecord]:
        """Return up to `batch_size` records in the order of their partitions; empty when there are none just now.

        Raises WorkerStoppedError when the topic no longer holds what this group must read next, or may not or cannot be
        read.
        """
        try:
            if self._new:
                await self._take_over()
            records = await self._next()
        except NoOffsetForPartitionError:
            return []  # a new partition: taken over at the next poll
        except OffsetOutOfRangeError as exc:
            raise out_of_range(self._group, exc) from None
        except (TopicAuthorizationFailedError, GroupAuthorizationFailedError) as exc:
            raise right_withdrawn(self._group, self._kafka, exc) from exc
        except UnicodeDecodeError as exc:  # started again, it would crash again, and nobody would know why
            raise no_text(self._group, exc) from None
        except TransientError as exc:
            log.warning("cannot read the group's offsets", group=self._group, error=str(exc))
            await asyncio.sleep(_POLL_MS / 1000)
            return []
        finally:
            self._polled_at = time.monotonic()
        if not self._joined:
            return []  # of partitions that are being taken away: whoever gets them reads them
        return [
            take(record, self._topics[partition.topic], self._group, self._verifier, self._admit)
            for partition in records
            for record in records[partition]
        ]

    async def _next(self) -> Taken:
        """Return the next records: those of topics apart, and the others, as soon as there are any of either.

        Two looks: the client empties what it has fetched partition by partition, and would come to the others only once
        thousands of records of a flood are through.
        """
        held = self._current.assignment()
        apart = {partition for partition in held if partition.topic in self._apart}
        if not apart:
            return await self._look((), self._batch_size)
        looks = [asyncio.create_task(self._look(held - apart, self._batch_size))] if held > apart else []
        if self._reads_apart:
            looks.append(asyncio.create_task(self._look_apart(apart)))
        return await _either(looks)

    async def _look(self, partitions: Iterable[TopicPartition], most: int) -> Taken:
        found: Taken = await self._current.getmany(*partitions, timeout_ms=_POLL_MS, max_records=most)
        return found

    async def _look_apart(self, partitions: Collection[TopicPartition]) -> Taken:
        """Take a share of these. Where the next record of one is gone, or is none, none of them is read any more."""
        try:
            return await self._look(partitions, SHARE_APART)
        except _UNREADABLE as exc:
            stopped = stops_no_other(self._group, sorted({each.topic for each in partitions}), exc)
            log.error("read no more", group=self._group, why=str(stopped))
            raise_alarm(stopped.alarm, stopped.cause)
            self._reads_apart = False
            self._current.pause(*self._current.assignment().intersection(partitions))  # some may be gone meanwhile
            return {}

    async def hold(self) -> None:
        """Poll without taking anything: a member that does not poll is taken for dead (max.poll.interval.ms)."""
        self._current.pause(*self._current.assignment())
        try:
            held = await self._current.getmany(timeout_ms=0)
        except (NoOffsetForPartitionError, OffsetOutOfRangeError):
            held = {}  # they come again at the next poll
        self._polled_at = time.monotonic()
        for partition, records in held.items():  # a partition that came while we looked: put them back
            if partition in self._current.assignment():
                self._current.seek(partition, records[0].offset)

    def go_on(self) -> None:
        """Take records again, except from partitions that are still new, withheld, or read no more."""
        held = self._current.assignment()
        waiting = {partition for partition in held if self._waits(partition)}
        self._current.pause(*waiting)
        self._current.resume(*(held - self._new - waiting))

    def _waits(self, partition: TopicPartition) -> bool:
        """Return whether this partition's topic is read no more until the next start."""
        unreadable = not self._reads_apart and partition.topic in self._apart
        return unreadable or self._withheld.holds(self._group, partition.topic)

    async def _send(self, offsets: Commit) -> None:
        await self._current.commit(dict(offsets))

    async def commit(self) -> None:
        """Commit what is finished."""
        await self.tracker.commit()

    # --- what others ask

    async def check(self) -> None:
        """Raise TransientError unless this member is in its group, polls, and the broker answers."""
        if not self._joined:
            raise TransientError(f"{self._group} has no assignment")
        if time.monotonic() - self._polled_at > REBALANCE_TIMEOUT_MS / 1000:
            raise TransientError(f"{self._group} does not poll")
        await self._offsets.partitions(list(self._topics))

    @property
    def held(self) -> tuple[int, int]:
        """How many of its topics' partitions this member holds, and how many there are; none while it joins anew."""
        if self._consumer is None:
            return 0, 0
        there = sum(len(self._consumer.partitions_for_topic(name) or ()) for name in self._topics)
        return len(self._consumer.assignment()) if self._joined else 0, there

    async def waiting(self) -> int:
        """Return how many records wait in the partitions that this member holds and reads. Raises TransientError."""
        read = [partition for partition in self.tracker.held if not self._waits(partition)]
        return self.tracker.waiting(await self._offsets.ends(read))

    @property
    def _current(self) -> AIOKafkaConsumer:
        assert self._consumer is not None
        return self._consumer


async def _either(looks: Collection[asyncio.Task[Taken]]) -> Taken:
    """Return what these found once one of them has; one that still waits has taken nothing, and is ended."""
    if not looks:  # all that is held is read no more
        await asyncio.sleep(_POLL_MS / 1000)
        return {}
    try:
        await asyncio.wait(looks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for look in looks:
            look.cancel()
        ended = await asyncio.gather(*looks, return_exceptions=True)
    found: dict[TopicPartition, Sequence[ConsumerRecord]] = {}
    for each in ended:
        if isinstance(each, Exception):
            raise each
        if not isinstance(each, BaseException):
            found.update(each)
    return found
