"""One round of trimming on real Kafka: topics and their dead letters."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gdpr_worker.entry.trim_rounds import trim_once
from guichet.clock import SystemClock
from guichet.contracts.topics import KEPT_DECIDED
from guichet.ids import AgentId
from guichet.kafka.admin.offsets import Offsets
from guichet.kafka.dead_letters.index import DeadLetterIndex, close, operators_producer
from guichet.kafka.dead_letters.publish import DeadLetters
from guichet.runtime.settings import KafkaSettings
from guichet_testing.builders.records import a_knock
from guichet_testing.real.broker import a_topic_with
from guichet_testing.twins.vault import InMemoryVault


@pytest.mark.real
async def test_a_round_deletes_old_records_and_what_was_decided_long_ago(kafka_server: Any) -> None:
    kafka = KafkaSettings(kafka_bootstrap_servers=kafka_server.bootstrap_servers)
    topic = await a_topic_with(kafka, [a_knock("k1"), a_knock("k2")])  # no group: only age counts
    async with DeadLetters(kafka, InMemoryVault(), service="tester", now=SystemClock().now) as dead_letters:
        await dead_letters.publish_payload(topic, b"?", ValueError())
        await dead_letters.publish_payload(topic, b"?", ValueError())
    now = datetime.now(UTC)
    async with Offsets(kafka) as offsets, DeadLetterIndex(kafka, [topic]) as index:

        async def begins() -> list[int]:
            found = await offsets.begins(await offsets.partitions([topic.name, topic.dead_letters]))
            return [begin for _, begin in sorted(found.items())]  # the topic, then its dead letters

        await trim_once(offsets, index, now, [topic])
        assert await begins() == [0, 0]
        first, _ = (await index.letters()).values()
        async with operators_producer(kafka) as producer:
            await close(first.letter, "dropped", producer, by=AgentId("operator"), at=datetime.now(UTC))
        await trim_once(offsets, index, now + KEPT_DECIDED + timedelta(hours=1), [topic])
        assert await begins() == [2, 1]  # the second dead letter is open
