"""Tell the other services how far deliveries got. A delivery is its own outbox: what is not marked is told again."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from guichet.contracts.topics import DELIVERY_EVENTS
from guichet.errors import TransientError
from guichet.kafka.produce.publisher import Publication, Publisher
from guichet.store.deliveries.document import DeliveryDocument, changed_event
from guichet.store.deliveries.store import Deliveries
from notifier.domain.another_way import may_go_on

log = structlog.get_logger()

LEFT_TO_OTHERS: Final = timedelta(seconds=5)  # whoever made the change is about to publish it
GATHERED_FOR: Final = timedelta(milliseconds=100)  # nobody waits for it, and router and store work in bulk
SWEEP_EVERY: Final = timedelta(seconds=10)


async def _nowhere(failed: DeliveryDocument) -> Sequence[DeliveryDocument]:
    return (failed,)


class Announcer:
    """Publishes DeliveryChanged. go_on: has what failed go another way, before anybody hears that it failed, so that
    whoever is killed in between does it again (docs/decisions/0107); returns what is then to be announced."""

    def __init__(
        self,
        deliveries: Deliveries,
        publisher: Publisher,
        clock: Callable[[], datetime],
        go_on: Callable[[DeliveryDocument], Awaitable[Sequence[DeliveryDocument]]] = _nowhere,
    ) -> None:
        self._deliveries = deliveries
        self._publisher = publisher
        self._clock = clock
        self._go_on = go_on
        self._soon: list[DeliveryDocument] = []

    def announce_soon(self, changed: DeliveryDocument) -> None:
        """Publish the state that a delivery has just moved to together with what else moves about now."""
        self._soon.append(changed)

    async def announce_gathered(self) -> None:
        """Publish what `announce_soon` was told; while broker or store are away, leave it to the sweep."""
        gathered, self._soon = self._soon, []
        if not gathered:
            return
        try:
            await self._publish(gathered)
        except TransientError as exc:
            log.warning("announced later", deliveries=len(gathered), error=str(exc))

    async def announce_on(self) -> None:
        """Publish what was gathered, again and again, until cancelled."""
        while True:
            await asyncio.sleep(GATHERED_FOR.total_seconds())
            await self.announce_gathered()

    async def sweep(self) -> None:
        """Publish what somebody else changed and did not publish. Raises TransientError."""
        while left := await self._deliveries.unpublished(self._clock() - LEFT_TO_OTHERS):
            await self._publish(left)

    async def _publish(self, deliveries: Sequence[DeliveryDocument]) -> None:
        """Publish these; what may go another way last, which needs more than a broker."""
        failed = [each for each in deliveries if may_go_on(each)]
        await self._publish_as_they_are([each for each in deliveries if not may_go_on(each)])
        for each in failed:
            await self._publish_as_they_are(await self._go_on(each))

    async def _publish_as_they_are(self, deliveries: Sequence[DeliveryDocument]) -> None:
        if not deliveries:
            return
        await self._publisher.publish(
            *(Publication(DELIVERY_EVENTS, changed_event(each), trace=each.trace) for each in deliveries)
        )
        await self._deliveries.mark_published(*deliveries)
