"""Where groups stand, set by hand: only a restore of the data does this, and only while no member runs."""

from collections.abc import Iterable, Mapping
from typing import Final

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import OffsetAndMetadata, TopicPartition

from guichet.contracts.topics import TOPICS
from guichet.errors import PermanentError
from guichet.kafka.admin.client import administration, translated
from guichet.kafka.attempts import CLEAN
from guichet.kafka.connection import client_options, stop_consumer
from guichet.runtime.settings import KafkaSettings

_GROUP: Final = 1  # of an answer about a group: error, group, state, type, protocol, members
_MEMBERS: Final = 5


def registered_groups() -> list[str]:
    """Return every group that the registry names."""
    return sorted({group for topic in TOPICS for group in topic.groups})


async def running_groups(kafka: KafkaSettings, groups: Iterable[str]) -> list[str]:
    """Return those of these groups that have members. Raises TransientError.

    One at a time: aiokafka (0.14) reads an answer about several with the layout of an older version, and fails.
    """
    async with administration(kafka) as admin:
        answers = [answer for group in groups for answer in await admin.describe_consumer_groups([group])]
    described = [group for answer in answers for group in answer.groups]
    return sorted(group[_GROUP] for group in described if group[_MEMBERS])


async def set_offsets(kafka: KafkaSettings, group: str, offsets: Mapping[TopicPartition, int]) -> None:
    """Have a group without members go on from here. Raises TransientError; PermanentError when it has members."""
    if await running_groups(kafka, [group]):
        raise PermanentError(f"{group} runs: stop every service first.")
    consumer = AIOKafkaConsumer(
        **client_options(kafka),
        client_id="guichet-restore",
        group_id=group,
        enable_auto_commit=False,
    )
    try:
        async with translated(kafka):
            await consumer.start()
            consumer.assign(list(offsets))
            await consumer.commit(
                {partition: OffsetAndMetadata(offset, str(CLEAN)) for partition, offset in offsets.items()}
            )
    finally:
        await stop_consumer(consumer)
