"""What happens on a privacy request, and at every round of trimming."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NoReturn

import structlog

from guichet.contracts.privacy import ErasureRequested, PrivacyRequestRecorded
from guichet.contracts.topics import PRIVACY_EVENTS, TOPICS, Topic
from guichet.errors import TransientError
from guichet.ids import event_id
from guichet.kafka.graveyard import Graveyard, without_record
from guichet.kafka.offsets import Offsets
from guichet.kafka.publisher import Publication, Publisher
from guichet.kafka.trimming import trim, trim_dead_letters
from guichet.runtime.settings import KafkaSettings
from guichet.store.erasure_document import ErasureEntry
from guichet.store.erasures import ErasureLedger

log = structlog.get_logger()


async def record_request(
    asked: ErasureRequested, *, ledger: ErasureLedger, publisher: Publisher, wake: Callable[[], None]
) -> None:
    """Enter the erasure into the ledger, then say so. Erasing follows from the entry. Raises TransientError."""
    await ledger.add(ErasureEntry.of(asked))
    wake()
    recorded = PrivacyRequestRecorded(
        event_id=event_id(asked.event_id, "PrivacyRequestRecorded"),
        occurred_at=asked.occurred_at,
        request_id=asked.event_id,
    )
    await publisher.publish(Publication(PRIVACY_EVENTS, recorded))


async def keep_trimming(kafka: KafkaSettings, *, pause: timedelta, clock: Callable[[], datetime]) -> NoReturn:
    """Trim every registered topic, round after round (design 3.7). A broker that is away is tried at the next one."""
    while True:
        try:
            async with Offsets(kafka) as offsets, Graveyard(kafka, TOPICS, kept=without_record) as graveyard:
                while True:
                    await trim_once(offsets, graveyard, clock())
                    await asyncio.sleep(pause.total_seconds())
        except TransientError as exc:
            log.warning("not trimmed", why=str(exc))
        await asyncio.sleep(pause.total_seconds())


async def trim_once(
    offsets: Offsets, graveyard: Graveyard, now: datetime, topics: Sequence[Topic[Any]] = TOPICS
) -> None:
    """Run one round: topics, then their dead letters. now: aware UTC. Raises TransientError."""
    trimmed = await trim(offsets, topics, now) | await trim_dead_letters(offsets, graveyard, topics, now)
    for topic, records in trimmed.items():
        if records:
            log.info("topic trimmed", topic=topic, records=records)
