"""Delete what every registered group has handled and what is older than its topic's retention.

gdpr-worker runs both from time to time. Kafka itself deletes nothing, so a group that is down never loses a record.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from aiokafka.structs import TopicPartition

from guichet.contracts.topics import KEPT_DECIDED, Topic
from guichet.kafka.admin.offsets import Lag, Offsets
from guichet.kafka.dead_letters.index import DeadLetterIndex, IndexedLetter
from guichet.runtime.telemetry.metrics import RECORDS_TRIMMED


def plan_trim(groups: Sequence[Lag], *, begin: int, end: int, first_young: int | None) -> int | None:
    """Return the offset before which a partition's records may go, or None when none may. Pure.

    groups: where every registered group stands; one that never committed keeps everything. first_young: the first
    record within the retention, None when all are older. begin, end: what the partition holds.
    """
    old_before = end if first_young is None else first_young
    keep_from = min([old_before, *(group.next_offset for group in groups)])
    return keep_from if keep_from > begin else None


async def trim(offsets: Offsets, topics: Iterable[Topic[Any]], now: datetime) -> dict[str, int]:
    """Trim these topics and return how many records left each. now: aware UTC. Raises TransientError."""
    return {topic.name: await _trim_topic(offsets, topic, now) for topic in topics}


async def _trim_topic(offsets: Offsets, topic: Topic[Any], now: datetime) -> int:
    partitions = await offsets.partitions([topic.name])
    begins, ends = await offsets.begins(partitions), await offsets.ends(partitions)
    young = await offsets.first_since(partitions, now - topic.retention)
    lags = await offsets.lags([topic])
    plan: dict[TopicPartition, int] = {}
    for partition in partitions:
        groups = [lag for lag in lags if lag.topic_partition == partition]
        keep_from = plan_trim(groups, begin=begins[partition], end=ends[partition], first_young=young[partition])
        if keep_from is not None:
            plan[partition] = keep_from
    if not plan:
        return 0
    await offsets.delete_before(plan)
    trimmed = sum(keep_from - begins[partition] for partition, keep_from in plan.items())
    RECORDS_TRIMMED.labels(topic.name).inc(trimmed)
    return trimmed


def plan_dead_letter_trim(letters: Iterable[IndexedLetter], end: int, now: datetime) -> int:
    """Return the offset before which a `-dlq` may be trimmed: the first letter open or lately decided upon. Pure."""
    return min([end, *(indexed.offset for indexed in letters if _is_kept(indexed, now))])


def _is_kept(indexed: IndexedLetter, now: datetime) -> bool:
    """Nobody decides on a letter before it is there: whoever writes so would have it gone before anybody looks."""
    if indexed.closed is None:
        return True
    return now - max(indexed.closed.occurred_at, indexed.letter.occurred_at) < KEPT_DECIDED


async def trim_dead_letters(
    offsets: Offsets, index: DeadLetterIndex, topics: Iterable[Topic[Any]], now: datetime
) -> dict[str, int]:
    """Trim the `-dlq` of these topics of what was decided long ago, and return how many records left each."""
    trimmed: dict[str, int] = {}
    for topic in topics:
        [partition] = await offsets.partitions([topic.dead_letters])
        begin, end = (await offsets.begins([partition]))[partition], (await offsets.ends([partition]))[partition]
        letters = [indexed for indexed in (await index.letters()).values() if indexed.letter.topic == topic.name]
        end = index.unreadable.get(topic.dead_letters, end)
        keep_from = plan_dead_letter_trim(letters, end, now)
        if keep_from > begin:
            await offsets.delete_before({partition: keep_from})
            RECORDS_TRIMMED.labels(topic.dead_letters).inc(keep_from - begin)
        trimmed[topic.dead_letters] = max(0, keep_from - begin)
    return trimmed
