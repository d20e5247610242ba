"""Bring cases back on the day until which agents put them off."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final

import structlog

from case_router.domain.commands.due import EndSnooze, come_back
from guichet.contracts.base import Event
from guichet.ids import EventId
from guichet.store.cases.store import CaseStore

log = structlog.get_logger()

AT_ONCE: Final = 200


class BringBack:
    """Looks which cases are due. clock: aware UTC."""

    def __init__(
        self, *, cases: CaseStore, decide: Callable[[Sequence[Event]], Awaitable[None]], clock: Callable[[], datetime]
    ) -> None:
        self._cases = cases
        self._decide = decide
        self._clock = clock

    async def look(self) -> None:
        """Bring them back, one event each. Raises TransientError; then the next look finds what is left."""
        decided = set[EventId]()  # one that stands all the same is asked about at the next look
        while back := [each for each in await self._due() if each.event_id not in decided]:
            log.info("cases come back", cases=len(back))
            await self._decide(back)
            decided |= {each.event_id for each in back}

    async def _due(self) -> list[EndSnooze]:
        now = self._clock()
        return come_back(await self._cases.due(now, AT_ONCE), now)
