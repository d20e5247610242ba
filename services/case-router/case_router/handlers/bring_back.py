"""Bring cases back on the day until which agents put them off."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final

import structlog

from case_router.domain.commands.due import come_back
from guichet.contracts.base import Event
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
        while cases := await self._cases.due(self._clock(), AT_ONCE):
            log.info("cases come back", cases=len(cases))
            await self._decide(come_back(cases, self._clock()))
