"""Create and configure every topic from the registry: a deploy step (`guichet topics create`), never a worker's.

Kafka's own retention is off: a record goes only when gdpr-worker trims it, after every registered group.
aiokafka's `alter_configs` forgets what it is not told, so a topic's whole configuration is sent each time.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import structlog
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, NotControllerError, TopicAlreadyExistsError

from guichet.contracts.topics import TOPICS, Topic
from guichet.errors import PermanentError, TransientError
from guichet.kafka.admin import administration, refusals
from guichet.kafka.sizes import broker_limit, dead_letter_limit
from guichet.runtime.settings import KafkaSettings

log = structlog.get_logger()

SEGMENT_ROLLS_AFTER: Final = timedelta(days=1)  # a trimmed record leaves the disk with its segment


@dataclass(frozen=True)
class PlannedTopic:
    """What the broker is to hold under one name."""

    name: str
    partitions: int
    replication: int
    configuration: tuple[tuple[str, str], ...]


def planned(topic: Topic[Any], replication: int) -> tuple[PlannedTopic, PlannedTopic]:
    """Return a topic and its dead letters. Pure. replication: copies of every record; 3 in production."""
    return (
        PlannedTopic(topic.name, topic.partitions, replication, _configuration(broker_limit(topic), replication)),
        # One partition: what became of a dead letter stands after it.
        PlannedTopic(topic.dead_letters, 1, replication, _configuration(dead_letter_limit(topic), replication)),
    )


def _configuration(max_message_bytes: int, replication: int) -> tuple[tuple[str, str], ...]:
    return (
        ("cleanup.policy", "delete"),
        ("retention.ms", "-1"),
        ("retention.bytes", "-1"),
        ("max.message.bytes", str(max_message_bytes)),
        ("min.insync.replicas", "2" if replication >= 3 else "1"),
        ("message.timestamp.type", "LogAppendTime"),  # retention counts from when the broker had it
        ("segment.ms", str(SEGMENT_ROLLS_AFTER // timedelta(milliseconds=1))),
        ("unclean.leader.election.enable", "false"),
    )


async def create_topics(
    kafka: KafkaSettings, *, topics: Iterable[Topic[Any]] = TOPICS, replication: int = 1
) -> list[str]:
    """Create what is missing, configure all of it, and return the names created. Doing it again changes nothing.

    Raises TransientError when the broker does not answer, PermanentError when it refuses or when a topic has another
    number of partitions than the registry says.
    """
    plan = [each for topic in topics for each in planned(topic, replication)]
    async with administration(kafka) as admin:
        created = await _create(admin, plan)
        await _check_partitions(admin, plan)
        await _configure(admin, plan)
    log.info("topics are as the registry says", created=len(created), all=len(plan))
    return created


async def _create(admin: AIOKafkaAdminClient, plan: list[PlannedTopic]) -> list[str]:
    answer = await admin.create_topics(
        [
            NewTopic(each.name, each.partitions, each.replication, topic_configs=dict(each.configuration))
            for each in plan
        ]
    )
    refused = refusals(answer.topic_errors, name_at=0, code_at=1)
    _raise_refusals({name: error for name, error in refused.items() if error is not TopicAlreadyExistsError})
    return [each.name for each in plan if each.name not in refused]


async def _check_partitions(admin: AIOKafkaAdminClient, plan: list[PlannedTopic]) -> None:
    found = await _partitions_with_leaders(admin, [each.name for each in plan])
    for each in plan:
        if found[each.name] != each.partitions:
            raise PermanentError(
                f"{each.name} has {found[each.name]} partitions, the registry says {each.partitions}. More partitions"
                " part a key's records from each other: docs/adding-a-topic.md says how to move to another number.",
                reason="partitions-differ",
            )


async def _partitions_with_leaders(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, int]:
    """Wait until the brokers have taken up what was created: before, a producer meets NotLeader."""
    while True:
        topics = await admin.describe_topics(names)
        if all(topic["partitions"] and all(each["leader"] >= 0 for each in topic["partitions"]) for topic in topics):
            return {topic["topic"]: len(topic["partitions"]) for topic in topics}
        await asyncio.sleep(0.1)


async def _configure(admin: AIOKafkaAdminClient, plan: list[PlannedTopic]) -> None:
    answers = await admin.alter_configs(
        [ConfigResource(ConfigResourceType.TOPIC, each.name, dict(each.configuration)) for each in plan]
    )
    for answer in answers:
        _raise_refusals(refusals(answer.resources, name_at=3, code_at=0))


def _raise_refusals(refused: dict[str, type[KafkaError]]) -> None:
    for name, error in refused.items():
        if error.retriable or error is NotControllerError:
            raise TransientError(f"{name}: {error.__name__}")
        raise PermanentError(f"Kafka refuses topic {name}: {error.__name__}", reason="topic-refused")
