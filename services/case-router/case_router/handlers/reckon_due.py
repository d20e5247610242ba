"""Look again at cases of which a clock of the law stands differently because a day has come."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final

import structlog

from case_router.domain.commands.due import LookAgain, look_again_at
from guichet.contracts.base import Event
from guichet.ids import EventId
from guichet.law.calendar import paris_date
from guichet.store.cases.store import CaseStore

log = structlog.get_logger()

AT_ONCE: Final = 200


class ReckonDue:
    """Looks which cases are due: one question of an index, which finds nothing while no day has come.

    clock: aware UTC. A clock that is set back finds nothing twice: what was told stays told.
    """

    def __init__(
        self, *, cases: CaseStore, decide: Callable[[Sequence[Event]], Awaitable[None]], clock: Callable[[], datetime]
    ) -> None:
        self._cases = cases
        self._decide = decide
        self._clock = clock

    async def look(self) -> None:
        """Reckon them anew. Raises TransientError; then the next look finds what is left."""
        decided = set[EventId]()  # one that stands all the same is looked at the next time
        while due := [each for each in await self._due() if each.event_id not in decided]:
            log.info("clocks of the law are reckoned anew", cases=len(due))
            await self._decide(due)
            decided |= {each.event_id for each in due}

    async def _due(self) -> list[LookAgain]:
        now = self._clock()
        day = paris_date(now)
        return look_again_at(await self._cases.to_reckon(day, AT_ONCE), day, now)
