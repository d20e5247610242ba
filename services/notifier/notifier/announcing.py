"""Tell the other services how far deliveries got. A delivery is its own outbox: what is not marked is told again."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from guichet.contracts.topics import DELIVERY_EVENTS
from guichet.errors import TransientError
from guichet.ids import MessageId
from guichet.kafka.publisher import Publication, Publisher
from guichet.store.deliveries import Deliveries
from guichet.store.delivery_document import DeliveryDocument, changed_event
from notifier.in_bulk import InBulk

log = structlog.get_logger()

LEFT_TO_OTHERS: Final = timedelta(seconds=5)  # whoever made the change is about to publish it
SWEEP_EVERY: Final = timedelta(seconds=10)


class Announcer:
    """Publishes DeliveryChanged."""

    def __init__(self, deliveries: Deliveries, publisher: Publisher, clock: Callable[[], datetime]) -> None:
        self._deliveries = deliveries
        self._publisher = publisher
        self._clock = clock
        self._publish_in_bulk = InBulk(self._publish)

    async def announce(self, outbound_id: MessageId) -> None:
        """Publish the state of a delivery if it is not known to be published. Raises TransientError."""
        delivery = await self._deliveries.find(outbound_id)
        if delivery is not None and delivery.unpublished:
            await self._publish([delivery])

    async def announce_soon(self, changed: DeliveryDocument) -> None:
        """Publish the state that a delivery has just moved to; while the broker is away, leave it to the sweep."""
        try:
            await self._publish_in_bulk(changed)
        except TransientError as exc:
            log.warning("announced later", outbound_id=changed.outbound_id, error=str(exc))

    async def sweep(self) -> None:
        """Publish what somebody else changed and did not publish. Raises TransientError."""
        left = await self._deliveries.unpublished(self._clock() - LEFT_TO_OTHERS)
        if left:
            await self._publish(left)

    async def sweep_on(self) -> None:
        """Sweep until cancelled."""
        while True:
            try:
                await self.sweep()
            except TransientError as exc:
                log.warning("swept later", error=str(exc))
            await asyncio.sleep(SWEEP_EVERY.total_seconds())

    async def _publish(self, deliveries: Sequence[DeliveryDocument]) -> None:
        await self._publisher.publish(
            *(Publication(DELIVERY_EVENTS, changed_event(each), trace=each.trace) for each in deliveries)
        )
        await self._deliveries.mark_published(*deliveries)
