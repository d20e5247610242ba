"""Create and configure every topic from the registry: a deploy step (`guichet topics create`), never a worker's.

Kafka's own retention is off: a record goes only when gdpr-worker trims it, after every registered group.
aiokafka's `alter_configs` forgets what it is not told, so a topic's whole configuration is sent each time.

Kafka confirms a record that lies in the memory of as many brokers as `min.insync.replicas` says, and leaves the disk to
the system. Where that is one broker, a cut of power would take what was confirmed: there each write is flushed first.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

import structlog
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, NotControllerError, TopicAlreadyExistsError

from guichet.contracts.topics import SEGMENT_ROLLS_AFTER, TOPICS, Topic
from guichet.errors import PermanentError, TransientError
from guichet.kafka.admin.client import administration, refusals
from guichet.kafka.sizes import broker_limit, dead_letter_limit
from guichet.runtime.settings import KafkaSettings

log = structlog.get_logger()

EACH_WRITE: Final = "1"  # of `flush.messages`: the log is flushed before a write to it is confirmed
LEFT_TO_THE_SYSTEM: Final = str(2**63 - 1)  # Kafka's own default


@dataclass(frozen=True)
class PlannedTopic:
    """What the broker is to hold under one name. replication: of a topic that is there, the copies that it has."""

    name: str
    partitions: int
    replication: int
    max_message_bytes: int

    @property
    def configuration(self) -> dict[str, str]:
        """Every setting of the topic's own."""
        in_step = 2 if self.replication >= 3 else 1
        return {
            "cleanup.policy": "delete",
            "retention.ms": "-1",
            "retention.bytes": "-1",
            "max.message.bytes": str(self.max_message_bytes),
            "min.insync.replicas": str(in_step),
            "flush.messages": EACH_WRITE if in_step == 1 else LEFT_TO_THE_SYSTEM,
            "message.timestamp.type": "LogAppendTime",  # retention counts from when the broker had it
            "segment.ms": str(SEGMENT_ROLLS_AFTER // timedelta(milliseconds=1)),
            "unclean.leader.election.enable": "false",
        }


@dataclass(frozen=True)
class _FoundTopic:
    """What the brokers hold. copies: of the partition that has fewest."""

    partitions: int
    copies: int


def planned(topic: Topic[Any], replication: int) -> tuple[PlannedTopic, PlannedTopic]:
    """Return a topic and its dead letters. Pure. replication: copies of every record; 3 in production."""
    return (
        PlannedTopic(topic.name, topic.partitions, replication, broker_limit(topic)),
        # One partition: what became of a dead letter stands after it.
        PlannedTopic(topic.dead_letters, 1, replication, dead_letter_limit(topic)),
    )


async def create_topics(
    kafka: KafkaSettings, *, topics: Iterable[Topic[Any]] = TOPICS, replication: int = 1
) -> list[str]:
    """Create what is missing, configure all of it, and return the names created. Doing it again changes nothing.

    replication: of what is created; a topic that is there is configured for the copies that it has.
    Raises TransientError when the broker does not answer, PermanentError when it refuses or when a topic has another
    number of partitions than the registry says.
    """
    plan = [each for topic in topics for each in planned(topic, replication)]
    async with administration(kafka) as admin:
        created = await _create(admin, plan)
        found = await _found_with_leaders(admin, [each.name for each in plan])
        _check_partitions(plan, found)
        await _configure(admin, [replace(each, replication=found[each.name].copies) for each in plan])
    log.info("topics are as the registry says", created=len(created), all=len(plan))
    return created


async def _create(admin: AIOKafkaAdminClient, plan: list[PlannedTopic]) -> list[str]:
    answer = await admin.create_topics(
        [NewTopic(each.name, each.partitions, each.replication, topic_configs=each.configuration) for each in plan]
    )
    refused = refusals(answer.topic_errors, name_at=0, code_at=1)
    _raise_refusals({name: error for name, error in refused.items() if error is not TopicAlreadyExistsError})
    return [each.name for each in plan if each.name not in refused]


def _check_partitions(plan: list[PlannedTopic], found: Mapping[str, _FoundTopic]) -> None:
    for each in plan:
        if (partitions := found[each.name].partitions) != each.partitions:
            raise PermanentError(
                f"{each.name} has {partitions} partitions, the registry says {each.partitions}. More partitions"
                " part a key's records from each other: docs/adding-a-topic.md says how to move to another number.",
                reason="partitions-differ",
            )


async def _found_with_leaders(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, _FoundTopic]:
    """Wait until the brokers have taken up what was created: before, a producer meets NotLeader."""
    while True:
        topics = {topic["topic"]: topic["partitions"] for topic in await admin.describe_topics(names)}
        if all(partitions and all(each["leader"] >= 0 for each in partitions) for partitions in topics.values()):
            return {name: _found(partitions) for name, partitions in topics.items()}
        await asyncio.sleep(0.1)


def _found(partitions: list[dict[str, Any]]) -> _FoundTopic:
    return _FoundTopic(len(partitions), min(len(each["replicas"]) for each in partitions))


async def _configure(admin: AIOKafkaAdminClient, plan: list[PlannedTopic]) -> None:
    answers = await admin.alter_configs(
        [ConfigResource(ConfigResourceType.TOPIC, each.name, each.configuration) for each in plan]
    )
    for answer in answers:
        _raise_refusals(refusals(answer.resources, name_at=3, code_at=0))


def _raise_refusals(refused: dict[str, type[KafkaError]]) -> None:
    for name, error in refused.items():
        if error.retriable or error is NotControllerError:
            raise TransientError(f"{name}: {error.__name__}")
        raise PermanentError(f"Kafka refuses topic {name}: {error.__name__}", reason="topic-refused")
