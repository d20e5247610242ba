"""Tell the other services how far deliveries got. A delivery is its own outbox: what is not marked is told again."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from guichet.contracts.topics import DELIVERY_EVENTS
from guichet.errors import TransientError
from guichet.ids import MessageId
from guichet.kafka.publisher import Publication, Publisher
from guichet.store.deliveries import Deliveries
from guichet.store.delivery_document import DeliveryDocument, changed_event

log = structlog.get_logger()

LEFT_TO_OTHERS: Final = timedelta(seconds=5)  # whoever made the change is about to publish it
SWEEP_EVERY: Final = timedelta(seconds=10)


@dataclass(frozen=True)
class Announcer:
    """Publishes DeliveryChanged."""

    deliveries: Deliveries
    publisher: Publisher
    clock: Callable[[], datetime]

    async def announce(self, outbound_id: MessageId) -> None:
        """Publish the state of a delivery if it is not known to be published. Raises TransientError."""
        delivery = await self.deliveries.find(outbound_id)
        if delivery is not None and delivery.unpublished:
            await self._publish(delivery)

    async def announce_soon(self, outbound_id: MessageId) -> None:
        """Publish as `announce` does; while the broker is away, leave it to the sweep."""
        try:
            await self.announce(outbound_id)
        except TransientError as exc:
            log.warning("announced later", outbound_id=outbound_id, error=str(exc))

    async def sweep(self) -> None:
        """Publish what somebody else changed and did not publish. Raises TransientError."""
        left = await self.deliveries.unpublished(self.clock() - LEFT_TO_OTHERS)
        if left:
            await self._publish(*left)

    async def sweep_on(self) -> None:
        """Sweep until cancelled."""
        while True:
            try:
                await self.sweep()
            except TransientError as exc:
                log.warning("swept later", error=str(exc))
            await asyncio.sleep(SWEEP_EVERY.total_seconds())

    async def _publish(self, *deliveries: DeliveryDocument) -> None:
        await self.publisher.publish(
            *(Publication(DELIVERY_EVENTS, changed_event(each), trace=each.trace) for each in deliveries)
        )
        await self.deliveries.mark_published(*deliveries)
