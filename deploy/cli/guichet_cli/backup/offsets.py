"""Where each group goes on after a restore: where it stood when the backup was made, so that what came since is filed
again. Pure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from aiokafka.structs import TopicPartition

from guichet.kafka.admin.offsets import Lag
from guichet.mongo.backup_files import GroupOffset


@dataclass
class Resumption:
    """offsets: group → partition → offset. again: records that came since, which are handled once services run.

    trimmed: records that are gone. ahead: partitions that end before the offset of then: this broker is not the one of
    the backup.
    """

    offsets: dict[str, dict[TopicPartition, int]] = field(default_factory=dict)
    again: int = 0
    trimmed: int = 0
    ahead: int = 0


def offsets_of(lags: Iterable[Lag]) -> tuple[GroupOffset, ...]:
    """Return what a manifest keeps."""
    return tuple(
        GroupOffset(group=lag.group, topic=lag.topic, partition=lag.partition, offset=lag.committed) for lag in lags
    )


def resume(then: Iterable[GroupOffset], now: Iterable[Lag]) -> Resumption:
    """Return where each group is to go on. then: of the manifest. now: of the broker.

    What was trimmed meanwhile is gone, though every group had handled it. On a new broker, which never had the offset
    of then, everything it holds is handled.
    """
    stood: Mapping[tuple[str, str, int], int | None] = {
        (each.group, each.topic, each.partition): each.offset for each in then
    }
    result = Resumption()
    for lag in now:
        before = stood.get((lag.group, lag.topic, lag.partition))
        wanted = 0 if before is None else before  # a group that had never committed begins at the first record
        if wanted > lag.end:
            result.ahead += 1
            wanted = lag.begin
        offset = max(wanted, lag.begin)
        result.trimmed += offset - wanted if before is not None else 0
        result.again += lag.end - offset
        result.offsets.setdefault(lag.group, {})[lag.topic_partition] = offset
    return result
