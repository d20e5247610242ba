"""What happens on a privacy request, and at every round of trimming."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol

import structlog
from aiokafka.structs import TopicPartition

from gdpr_worker.trimming import plan_trim
from guichet.contracts.privacy import ErasureRequested, PrivacyRequestRecorded
from guichet.contracts.topics import PRIVACY_EVENTS, Topic
from guichet.ids import event_id
from guichet.kafka.offsets import Lag
from guichet.kafka.publisher import Publication, Publisher
from guichet.runtime.metrics import RECORDS_TRIMMED
from guichet.store.privacy_requests import PrivacyRequest, PrivacyRequestStore

log = structlog.get_logger()


class TopicOffsets(Protocol):
    """What trimming needs of guichet.kafka.offsets.Offsets."""

    async def partitions(self, topics: Sequence[str]) -> list[TopicPartition]:
        """Return the partitions of these topics."""

    async def lags(self, topics: Sequence[Topic[Any]]) -> list[Lag]:
        """Return where every registered group stands."""

    async def begins(self, places: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """Return the first offset still there."""

    async def ends(self, places: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """Return the offset that the next record will get."""

    async def first_since(self, places: Sequence[TopicPartition], moment: datetime) -> dict[TopicPartition, int | None]:
        """Return the first offset no older than `moment`; None when every record is older."""

    async def delete_before(self, offsets: dict[TopicPartition, int]) -> None:
        """Delete the records before these offsets."""


async def record_request(asked: ErasureRequested, *, requests: PrivacyRequestStore, publisher: Publisher) -> None:
    """Keep the request durably, then say so. Erasing follows from the kept request. Raises TransientError."""
    await requests.add(PrivacyRequest.of(asked))
    recorded = PrivacyRequestRecorded(
        event_id=event_id(asked.event_id, "PrivacyRequestRecorded"),
        occurred_at=asked.occurred_at,
        request_id=asked.event_id,
    )
    await publisher.publish(Publication(PRIVACY_EVENTS, recorded))


async def trim_topics(topics: Sequence[Topic[Any]], *, offsets: TopicOffsets, clock: Callable[[], datetime]) -> int:
    """Delete what is both handled by every group and older than its retention; return how many records went.

    Raises TransientError when the broker does not answer; the next round goes on.
    """
    trimmed = 0
    for topic in topics:
        trimmed += await _trim(topic, offsets, clock() - topic.retention)
    return trimmed


async def _trim(topic: Topic[Any], offsets: TopicOffsets, oldest_kept: datetime) -> int:
    places = await offsets.partitions([topic.name])
    begins, ends = await offsets.begins(places), await offsets.ends(places)
    since = await offsets.first_since(places, oldest_kept)
    first_kept = {place: ends[place] if offset is None else offset for place, offset in since.items()}
    plan = plan_trim(topic, await offsets.lags([topic]) if topic.groups else [], begins, first_kept)
    if not plan:
        return 0
    await offsets.delete_before(plan)
    gone = sum(offset - begins[place] for place, offset in plan.items())
    RECORDS_TRIMMED.labels(topic.name).inc(gone)
    log.info("topic trimmed", topic=topic.name, records=gone)
    return gone
