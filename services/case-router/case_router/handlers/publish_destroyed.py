"""Tell of destroyed cases: what an erasure left in a tombstone's outbox is published, then the tombstone is bare."""

from dataclasses import dataclass
from typing import Final

import structlog

from guichet.contracts.topics import CASE_EVENTS
from guichet.kafka.produce.publisher import Publication, Publisher
from guichet.store.cases.erase import CaseErasing

log = structlog.get_logger()

AT_ONCE: Final = 200


@dataclass(frozen=True)
class DestroyedCases:
    """The tombstones' outboxes."""

    erasing: CaseErasing
    publisher: Publisher

    async def publish(self) -> int:
        """Publish every CaseDestroyed that may not have been published; return how many cases that were.

        A crash in between publishes one again, under the same id. Raises TransientError.
        """
        left = await self.erasing.unpublished(AT_ONCE)
        events = [CASE_EVENTS.events.validate_python(entry.event) for case in left for entry in case.outbox]
        await self.publisher.publish(*(Publication(CASE_EVENTS, event) for event in events))
        if left:
            await self.erasing.mark_published([case.case_id for case in left])
            log.info("told of destroyed cases", cases=[case.case_id for case in left])
        return len(left)
