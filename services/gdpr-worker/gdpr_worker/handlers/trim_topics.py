"""One round of trimming: topics, then their dead letters."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog

from guichet.contracts.topics import TOPICS, Topic
from guichet.kafka.admin.offsets import Offsets
from guichet.kafka.dead_letters.index import DeadLetterIndex
from guichet.kafka.trim import trim, trim_dead_letters

log = structlog.get_logger()


async def trim_once(
    offsets: Offsets, index: DeadLetterIndex, now: datetime, topics: Sequence[Topic[Any]] = TOPICS
) -> None:
    """Run one round: topics, then their dead letters. now: aware UTC. Raises TransientError."""
    trimmed = await trim(offsets, topics, now) | await trim_dead_letters(offsets, index, topics, now)
    for topic, records in trimmed.items():
        if records:
            log.info("topic trimmed", topic=topic, records=records)
