"""How fast a group works through its topics, told by what it commits: seen from outside, the same for everybody."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import psutil
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import OffsetAndMetadata, TopicPartition

from guichet.contracts.topics import INBOUND
from guichet.kafka.admin.offsets import Offsets
from guichet.kafka.connection import client_options
from guichet.runtime.settings import KafkaSettings

_LOOK_EVERY_S: Final = 0.02
_PATIENCE_S: Final = 40.0


@dataclass(frozen=True)
class Pace:
    """messages: those committed between the two that are timed. cpu_s: by process name."""

    messages: int
    seconds: float
    cpu_s: Mapping[str, float]

    @property
    def per_second(self) -> float:
        """The rate."""
        return self.messages / self.seconds

    def cpu_us(self, name: str) -> float:
        """Return a process's CPU time per message in µs."""
        return self.cpu_s[name] / self.messages * 1e6


async def pace_of(
    group: str, kafka: KafkaSettings, processes: Mapping[str, psutil.Process], *, left_out: int = 0
) -> Pace:
    """Return the pace at which `group` comes to the end of the inbound topics, timed from one commit to a later one.

    left_out: how many messages at the beginning and at the end are not timed. While parts begin, batches that the first
    commit does not tell of are half done; while they end, some have nothing left to do.
    """
    async with Offsets(kafka) as offsets:
        places = await offsets.partitions([topic.name for topic in INBOUND])
        end = sum((await offsets.ends(places)).values())
        before = await _committed(offsets, group, places)
        until = time.monotonic() + _PATIENCE_S
        first = await _committed_past(before + left_out, offsets, group, places, until)
        began, cpu = time.monotonic(), _cpu_s(processes)
        last = await _committed_past(end - 1 - left_out, offsets, group, places, until)
        seconds, used = time.monotonic() - began, _cpu_s(processes)
        await _committed_past(end - 1, offsets, group, places, until)
        return Pace(last - first, seconds, {name: used[name] - cpu[name] for name in cpu})


async def stand_at_end(group: str, kafka: KafkaSettings) -> None:
    """Let a group begin after what is on the inbound topics now."""
    async with Offsets(kafka) as offsets:
        ends = await offsets.ends(await offsets.partitions([topic.name for topic in INBOUND]))
    consumer = AIOKafkaConsumer(**client_options(kafka), group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign(list(ends))
        await consumer.commit({place: OffsetAndMetadata(end, "") for place, end in ends.items()})
    finally:
        await consumer.stop()


async def _committed_past(
    count: int, offsets: Offsets, group: str, places: Sequence[TopicPartition], until: float
) -> int:
    while (now := await _committed(offsets, group, places)) <= count:
        if time.monotonic() > until:
            raise TimeoutError(f"{group} stands at {now} records, {count + 1} were expected")
        await asyncio.sleep(_LOOK_EVERY_S)
    return now


async def _committed(offsets: Offsets, group: str, places: Sequence[TopicPartition]) -> int:
    found = await offsets.committed(group, places)
    return sum(at.offset for at in found.values() if at is not None)


def _cpu_s(processes: Mapping[str, psutil.Process]) -> dict[str, float]:
    return {name: sum(process.cpu_times()[:2]) for name, process in processes.items()}
