"""Trims every registered topic from time to time, then its dead letters."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NoReturn

import structlog

from guichet.clock import Sleep
from guichet.contracts.topics import TOPICS, Topic
from guichet.errors import TransientError
from guichet.kafka.admin.offsets import Offsets
from guichet.kafka.dead_letters.index import DeadLetterIndex, without_record
from guichet.kafka.trim import trim, trim_dead_letters
from guichet.runtime.settings import KafkaSettings

log = structlog.get_logger()


async def keep_trimming(
    kafka: KafkaSettings,
    *,
    pause: timedelta,
    clock: Callable[[], datetime],
    sleep: Sleep,
) -> NoReturn:
    """Trim every registered topic, round after round. A broker that is away is tried at the next one."""
    while True:
        try:
            async with Offsets(kafka) as offsets, DeadLetterIndex(kafka, TOPICS, kept=without_record) as index:
                while True:
                    await trim_once(offsets, index, clock())
                    await sleep(pause)
        except TransientError as exc:
            log.warning("not trimmed", why=str(exc))
        await sleep(pause)


async def trim_once(
    offsets: Offsets, index: DeadLetterIndex, now: datetime, topics: Sequence[Topic[Any]] = TOPICS
) -> None:
    """Run one round: topics, then their dead letters. now: aware UTC. Raises TransientError."""
    trimmed = await trim(offsets, topics, now) | await trim_dead_letters(offsets, index, topics, now)
    for topic, records in trimmed.items():
        if records:
            log.info("topic trimmed", topic=topic, records=records)
