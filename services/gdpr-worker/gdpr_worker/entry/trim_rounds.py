"""Trims every registered topic from time to time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NoReturn

import structlog

from gdpr_worker.handlers.trim_topics import trim_once
from guichet.clock import Sleep
from guichet.contracts.topics import TOPICS
from guichet.errors import TransientError
from guichet.kafka.admin.offsets import Offsets
from guichet.kafka.dead_letters.index import DeadLetterIndex, without_record
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
