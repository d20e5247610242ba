"""What Kafka says about topics, groups and dead letters. Reads in no group, opens nothing, changes nothing."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

from aiokafka.structs import TopicPartition

from guichet.contracts.topics import TOPICS, Topic
from guichet.errors import TransientError
from guichet.kafka.admin.offsets import Lag, Offsets
from guichet.kafka.dead_letters.index import DeadLetterIndex, without_record
from guichet.runtime.settings import KafkaSettings
from ops_console.domain.watch.broker_reading import BrokerReading, GroupLag

PATIENCE: Final = timedelta(seconds=8)  # one lagging partition may take Offsets 2 s
_CLOSING_S: Final = 2.0


class Broker:
    """A lasting connection, made anew after every failure."""

    def __init__(self, kafka: KafkaSettings, topics: Sequence[Topic[Any]] = TOPICS) -> None:
        self.topics = tuple(topics)
        self._kafka = kafka
        self._offsets: Offsets | None = None
        self._index: DeadLetterIndex | None = None
        self._arrivals: dict[tuple[TopicPartition, int], datetime] = {}

    async def read(self, patience: timedelta = PATIENCE) -> BrokerReading:
        """Look once. Raises TransientError when Kafka does not answer in time, or lacks a topic."""
        try:
            async with asyncio.timeout(patience.total_seconds()):
                return await self._read()
        except TimeoutError as exc:
            await self.stop()
            raise TransientError(f"Kafka did not answer within {patience.total_seconds():g} s") from exc
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Disconnect, without waiting for a broker that is gone."""
        offsets, index, self._offsets, self._index = self._offsets, self._index, None, None
        for closing in [
            *([offsets.stop()] if offsets else []),
            *([index.__aexit__(None, None, None)] if index else []),
        ]:
            with suppress(Exception):
                await asyncio.wait_for(closing, _CLOSING_S)

    async def _read(self) -> BrokerReading:
        offsets, index = await self._connected()
        places = await offsets.partitions([topic.name for topic in self.topics])
        records_in: dict[str, int] = dict.fromkeys((topic.name for topic in self.topics), 0)
        for place, end in (await offsets.ends(places)).items():
            records_in[place.topic] += end
        lags = tuple(await offsets.lags([topic for topic in self.topics if topic.groups]))
        letters = (await index.letters()).values()
        oldest = await self._oldest(offsets, lags)
        return BrokerReading(
            records_in=records_in,
            lags=tuple(GroupLag(lag.group, lag.topic, lag.records, oldest.get(lag)) for lag in lags),
            open_letters=tuple(indexed.letter for indexed in letters if indexed.is_open),
        )

    async def _connected(self) -> tuple[Offsets, DeadLetterIndex]:
        if self._offsets is None:
            offsets = Offsets(self._kafka)
            await offsets.start()
            self._offsets = offsets
        if self._index is None:
            await self._offsets.partitions([topic.dead_letters for topic in self.topics])  # a missing one never assigns
            index = DeadLetterIndex(self._kafka, self.topics, kept=without_record)
            self._index = await index.__aenter__()
        return self._offsets, self._index

    async def _oldest(self, offsets: Offsets, lags: Sequence[Lag]) -> dict[Lag, datetime]:
        """Look records up that were not the oldest last time: a stopped group's stays the same for hours."""
        waiting = {lag: (lag.topic_partition, max(lag.next_offset, lag.begin)) for lag in lags if lag.records}
        unknown = [lag for lag, start in waiting.items() if start not in self._arrivals]
        found = await offsets.oldest_unhandled(unknown) if unknown else {}
        known = {start: self._arrivals[start] for start in waiting.values() if start in self._arrivals}
        self._arrivals = known | {waiting[lag]: at for lag, at in found.items()}
        return {lag: self._arrivals[start] for lag, start in waiting.items() if start in self._arrivals}
