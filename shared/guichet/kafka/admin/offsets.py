"""Where every group stands on every partition: read by the workers, ops-console and gdpr-worker."""

import asyncio
import contextlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    GroupCoordinatorNotAvailableError,
    GroupLoadInProgressError,
    NotCoordinatorForGroupError,
    TopicAuthorizationFailedError,
)
from aiokafka.structs import OffsetAndMetadata, TopicPartition

from guichet.contracts.topics import Topic
from guichet.errors import TransientError
from guichet.kafka.admin.client import translated
from guichet.kafka.admin.time_search import TimeSearch
from guichet.kafka.connection import Connection, client_options, stop_consumer
from guichet.kafka.not_allowed import lacks
from guichet.runtime.settings import KafkaSettings

_COORDINATOR_IS_COMING: Final = (
    GroupCoordinatorNotAvailableError,
    GroupLoadInProgressError,
    NotCoordinatorForGroupError,
)


@dataclass(frozen=True)
class Lag:
    """One group on one partition. committed: None when the group never committed there: it will begin at `begin`."""

    group: str
    topic: str
    partition: int
    committed: int | None
    begin: int
    end: int

    @property
    def next_offset(self) -> int:
        """Where the group goes on."""
        return self.begin if self.committed is None else self.committed

    @property
    def records(self) -> int:
        """How many records wait."""
        return max(0, self.end - max(self.next_offset, self.begin))

    @property
    def topic_partition(self) -> TopicPartition:
        """Its partition."""
        return TopicPartition(self.topic, self.partition)


class Offsets(Connection):
    """A lasting connection that reads offsets, in no group; an async context manager.

    Every method raises TransientError.
    """

    def __init__(self, kafka: KafkaSettings) -> None:
        self._kafka = kafka
        self._stack = AsyncExitStack()

    async def start(self) -> None:
        """Connect. Raises TransientError, and may be called again."""
        self._admin = AIOKafkaAdminClient(**client_options(self._kafka), client_id="guichet-offsets")
        self._consumer = self._reader()
        self._stack.push_async_callback(self._admin.close)
        self._stack.push_async_callback(stop_consumer, self._consumer)
        try:
            async with translated(self._kafka):
                await self._admin.start()
                await self._consumer.start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Disconnect."""
        await self._stack.aclose()

    async def partitions(self, topics: Sequence[str]) -> list[TopicPartition]:
        """Return every partition of these topics. Raises TransientError naming a topic that does not exist."""
        async with translated(self._kafka):
            answer = await self._admin.describe_topics(list(topics))
        for topic in answer:
            if topic["error_code"] == TopicAuthorizationFailedError.errno:
                raise lacks(self._kafka, topic["topic"])
            if topic["error_code"] or not topic["partitions"]:
                raise TransientError(f"topic {topic['topic']} does not exist: run `guichet topics create`")
        return [TopicPartition(topic["topic"], each["partition"]) for topic in answer for each in topic["partitions"]]

    async def committed(
        self, group: str, partitions: Sequence[TopicPartition]
    ) -> dict[TopicPartition, OffsetAndMetadata | None]:
        """Return what `group` committed on each of these partitions; None where it never did."""
        if not partitions:
            return {}
        async with translated(self._kafka):
            try:
                answer = await self._ask_coordinator(group, partitions)
            except GroupAuthorizationFailedError as exc:
                raise lacks(self._kafka, f"group {group}") from exc
        return {partition: found if found.offset >= 0 else None for partition, found in answer.items()}

    async def _ask_coordinator(self, group: str, partitions: Sequence[TopicPartition]) -> Any:
        """A new cluster makes the topic of the offsets only now, and a coordinator moves or loads: it passes soon.

        aiokafka overlooks the error of an answer as a whole: partitions are then missing from it, and to take them for
        never committed would make the group begin again.
        """
        while True:
            with contextlib.suppress(*_COORDINATOR_IS_COMING):
                answer = await self._admin.list_consumer_group_offsets(group, partitions=list(partitions))
                if set(partitions) <= set(answer):
                    return answer
            await asyncio.sleep(0.1)

    async def begins(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """Return the first offset that each partition still holds."""
        async with translated(self._kafka):
            return dict(await self._consumer.beginning_offsets(list(partitions))) if partitions else {}

    async def ends(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """Return the high-water mark of each partition: the offset that the next record will get."""
        async with translated(self._kafka):
            return dict(await self._consumer.end_offsets(list(partitions))) if partitions else {}

    async def first_since(
        self, partitions: Sequence[TopicPartition], moment: datetime
    ) -> dict[TopicPartition, int | None]:
        """Return the first offset whose record is no older than `moment`; None when every record is older."""
        milliseconds = int(moment.timestamp() * 1000)
        async with translated(self._kafka):
            found = (
                await self._consumer.offsets_for_times(dict.fromkeys(partitions, milliseconds)) if partitions else {}
            )
        return {partition: at.offset if at is not None else None for partition, at in found.items()}

    async def lags(self, topics: Iterable[Topic[Any]]) -> list[Lag]:
        """Return one Lag per registered group and partition of these topics."""
        registered = list(topics)
        partitions = await self.partitions([topic.name for topic in registered])
        begins, ends = await self.begins(partitions), await self.ends(partitions)
        of_topic: dict[str, list[TopicPartition]] = {}
        for partition in partitions:
            of_topic.setdefault(partition.topic, []).append(partition)
        found = []
        for group in sorted({group for topic in registered for group in topic.groups}):
            mine = [partition for topic in registered if group in topic.groups for partition in of_topic[topic.name]]
            committed = await self.committed(group, mine)
            found += [
                lag_of(group, partition, committed[partition], begins[partition], ends[partition]) for partition in mine
            ]
        return found

    async def oldest_unhandled(self, lags: Sequence[Lag]) -> dict[Lag, datetime]:
        """Return when the record that each lagging group handles next came onto its topic (UTC), where it was found.

        Reads no record: whoever watches groups needs no right to read what they read.
        """
        waiting = {lag: max(lag.next_offset, lag.begin) for lag in lags if lag.records}
        wanted = {(lag.topic_partition, offset): TimeSearch(offset, _now_ms()) for lag, offset in waiting.items()}
        while open_searches := {key: search for key, search in wanted.items() if not search.is_over}:
            one_a_partition = {partition: search for (partition, _), search in open_searches.items()}
            async with translated(self._kafka):
                found = await self._consumer.offsets_for_times(
                    {partition: search.ask_at for partition, search in one_a_partition.items()}
                )
            for partition, search in one_a_partition.items():
                search.take(found.get(partition))
        times = {lag: wanted[lag.topic_partition, offset].arrived_ms for lag, offset in waiting.items()}
        return {lag: datetime.fromtimestamp(at / 1000, UTC) for lag, at in times.items() if at is not None}

    async def delete_before(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Delete the records before these offsets, for good."""
        async with translated(self._kafka):
            try:
                await self._admin.delete_records(
                    {partition: RecordsToDelete(offset) for partition, offset in offsets.items()}
                )
            except TopicAuthorizationFailedError as exc:  # which the client raises without a name
                raise lacks(self._kafka, ", ".join(sorted({partition.topic for partition in offsets}))) from exc

    def _reader(self) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            **client_options(self._kafka),
            client_id="guichet-offsets",
            enable_auto_commit=False,
        )


def _now_ms() -> int:
    return int(datetime.now(UTC).timestamp() * 1000)


def lag_of(group: str, partition: TopicPartition, committed: OffsetAndMetadata | None, begin: int, end: int) -> Lag:
    """Put a Lag together."""
    return Lag(group, partition.topic, partition.partition, None if committed is None else committed.offset, begin, end)
