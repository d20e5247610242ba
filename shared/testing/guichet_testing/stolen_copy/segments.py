"""Records as they lie in a broker's files: what a stolen disk or an old copy shows, without any broker."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aiokafka.record.memory_records import MemoryRecords


@dataclass(frozen=True)
class Record:
    """One record of a partition."""

    topic: str
    partition: int
    offset: int
    value: bytes


def records_in(data: Path) -> Iterator[Record]:
    """Yield every record in a broker's data folder, in no order of topics; the broker's own topics are left out.

    A segment file holds batches just as they cross the wire (message format 2); a batch cut short at the end of the
    newest file was not confirmed to anybody yet.
    """
    for segment in sorted(data.glob("*-*/*.log")):
        topic, _, partition = segment.parent.name.rpartition("-")
        if not topic.startswith("__"):
            yield from _records(topic, int(partition), segment.read_bytes())


def _records(topic: str, partition: int, segment: bytes) -> Iterator[Record]:
    batches = MemoryRecords(segment)
    while batches.has_next():
        for record in batches.next_batch() or ():
            if record.value is not None:
                yield Record(topic, partition, record.offset, bytes(record.value))
