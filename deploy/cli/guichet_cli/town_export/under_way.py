"""What lies on the broker while an export is written, and is not in it: a town that leaves must hear of it."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from guichet.contracts.topics import TOPICS
from guichet.errors import TransientError
from guichet.kafka.admin.offsets import Offsets
from guichet.kafka.dead_letters.index import DeadLetterIndex, without_record
from guichet.runtime.settings import KafkaSettings

PATIENCE: Final = timedelta(minutes=2)


@dataclass(frozen=True)
class OnTheBroker:
    """dead_letters: that nobody has decided. records: that some service has still to handle. None: nobody knows."""

    dead_letters: int | None = None
    records: int | None = None


async def on_the_broker(kafka: KafkaSettings) -> OnTheBroker:
    """Count what waits there; where the broker does not answer, an export is written all the same."""
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            async with DeadLetterIndex(kafka, kept=without_record) as index:
                letters = sum(each.is_open for each in (await index.letters()).values())
            async with Offsets(kafka) as offsets:
                return OnTheBroker(letters, sum(lag.records for lag in await offsets.lags(TOPICS)))
    except (TransientError, TimeoutError):
        return OnTheBroker()
