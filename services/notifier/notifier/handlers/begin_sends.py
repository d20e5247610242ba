"""The last look at the leases before messages leave: those of one moment in one command, which costs half as much."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from guichet.store.deliveries.document import DeliveryDocument
from guichet.store.deliveries.store import Deliveries


@dataclass
class Beginnings:
    """Of one lane. hold: see LaneOptions."""

    deliveries: Deliveries
    hold: timedelta
    clock: Callable[[], datetime]
    _waiting: list[tuple[DeliveryDocument, "asyncio.Future[bool]"]] = field(default_factory=list)
    _asking: set["asyncio.Task[None]"] = field(default_factory=set)

    async def begin(self, held: DeliveryDocument) -> bool:
        """Say whether a delivery may leave now, together with what else is about to. Raises TransientError."""
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        if not self._waiting:
            asking = asyncio.create_task(self._ask())
            self._asking.add(asking)
            asking.add_done_callback(self._asking.discard)
        self._waiting.append((held, answer))
        return await answer

    async def _ask(self) -> None:
        waiting, self._waiting = self._waiting, []
        try:
            begun = await self.deliveries.begin([held for held, _ in waiting], self.clock(), self.hold)
        except Exception as trouble:  # whatever it is, it is each sender's own to tell
            for _, answer in waiting:
                if not answer.done():
                    answer.set_exception(trouble)
            return
        for held, answer in waiting:
            if not answer.done():
                answer.set_result(held.outbound_id in begun)
