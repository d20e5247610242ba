"""Everything once more: each group back to the first record of each of its topics."""

from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from guichet.contracts.topics import TOPICS, Topic
from guichet.kafka.admin.offsets import Offsets
from guichet.kafka.connection import client_options
from guichet.runtime.settings import KafkaSettings


async def rewind_all(kafka: KafkaSettings) -> int:
    """Set every registered group back; nobody may be in it. Return how many records will be read again."""
    groups = sorted({group for topic in TOPICS for group in topic.groups})
    return sum([await rewind(kafka, group, [topic for topic in TOPICS if group in topic.groups]) for group in groups])


async def rewind(kafka: KafkaSettings, group: str, topics: Sequence[Topic[Any]]) -> int:
    """Set one group back on these topics; nobody may be in it. Return how many records it will read again."""
    async with Offsets(kafka) as offsets:
        places = await offsets.partitions([topic.name for topic in topics])
        begins, ends = await offsets.begins(places), await offsets.ends(places)
    await _commit(kafka, group, begins)
    return sum(ends[place] - begins[place] for place in places)


async def _commit(kafka: KafkaSettings, group: str, offsets: Mapping[TopicPartition, int]) -> None:
    consumer = AIOKafkaConsumer(**client_options(kafka), group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign(list(offsets))
        await consumer.commit(dict(offsets))
    finally:
        await consumer.stop()
