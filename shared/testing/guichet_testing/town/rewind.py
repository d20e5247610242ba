"""Everything once more: each group back to the first record of each of its topics."""

from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from guichet.contracts.topics import TOPICS
from guichet.kafka.admin.offsets import Offsets
from guichet.kafka.sign_in import client_options
from guichet.runtime.settings import KafkaSettings


async def rewind_all(kafka: KafkaSettings) -> int:
    """Set every registered group back; nobody may be in it. Return how many records will be read again."""
    again = 0
    async with Offsets(kafka) as offsets:
        for group in sorted({group for topic in TOPICS for group in topic.groups}):
            places = await offsets.partitions([topic.name for topic in TOPICS if group in topic.groups])
            begins, ends = await offsets.begins(places), await offsets.ends(places)
            again += sum(ends[place] - begins[place] for place in places)
            await _commit(kafka, group, begins)
    return again


async def _commit(kafka: KafkaSettings, group: str, offsets: Mapping[TopicPartition, int]) -> None:
    consumer = AIOKafkaConsumer(**client_options(kafka), group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign(list(offsets))
        await consumer.commit(dict(offsets))
    finally:
        await consumer.stop()
