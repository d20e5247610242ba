"""How far a topic may be trimmed (design 3.7). Pure: offsets in, offsets out."""

from collections.abc import Collection, Mapping

from aiokafka.structs import TopicPartition

from guichet.contracts.topics import Topic
from guichet.kafka.offsets import Lag


def plan_trim(
    topic: Topic[object],
    lags: Collection[Lag],
    begins: Mapping[TopicPartition, int],
    first_kept: Mapping[TopicPartition, int],
) -> dict[TopicPartition, int]:
    """Return, per partition, the offset before which records may go; a partition with nothing to delete is left out.

    lags: where the topic's registered groups stand. begins: the first offset still there. first_kept: the first record
    younger than the topic's retention. A record goes when it is older than that AND every registered group has handled
    it; a group that never committed has handled nothing.
    """
    limits = {place: _limit(topic, place, lags, kept) for place, kept in first_kept.items()}
    return {place: limit for place, limit in limits.items() if limit > begins[place]}


def _limit(topic: Topic[object], place: TopicPartition, lags: Collection[Lag], first_kept: int) -> int:
    handled = {lag.group: lag.committed or 0 for lag in lags if lag.place == place}
    return min([first_kept, *(handled.get(group, 0) for group in topic.groups)])
