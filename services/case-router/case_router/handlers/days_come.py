"""Decide about cases whose day has come: snoozed ones come back, and clocks of the law are reckoned anew."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final, Self

import structlog

from case_router.domain.commands.due import come_back, look_again_at
from guichet.contracts.base import Event
from guichet.ids import EventId
from guichet.law.calendar import paris_date
from guichet.store.cases.store import CaseStore

log = structlog.get_logger()

AT_ONCE: Final = 200

Find = Callable[[int], Awaitable[Sequence[Event]]]
Decide = Callable[[Sequence[Event]], Awaitable[None]]


class DaysCome:
    """Asks which cases are due, so many at once: one question of an index, which finds nothing while no day has come.

    find: what is to be decided about so many of them. what: for the log.
    """

    def __init__(self, find: Find, decide: Decide, what: str) -> None:
        self._find = find
        self._decide = decide
        self._what = what

    @classmethod
    def of_snoozes(cls, cases: CaseStore, decide: Decide, clock: Callable[[], datetime]) -> Self:
        """Bring cases back on the day until which agents put them off. clock: aware UTC."""

        async def find(limit: int) -> Sequence[Event]:
            now = clock()
            return come_back(await cases.due(now, limit), now)

        return cls(find, decide, "cases come back")

    @classmethod
    def of_clocks(cls, cases: CaseStore, decide: Decide, clock: Callable[[], datetime]) -> Self:
        """Look again at cases of which a clock of the law stands differently by today. clock: aware UTC.

        One that is set back finds nothing twice: what people heard of stays so.
        """

        async def find(limit: int) -> Sequence[Event]:
            now = clock()
            day = paris_date(now)
            return look_again_at(await cases.to_reckon(day, limit), day, now)

        return cls(find, decide, "clocks of the law are reckoned anew")

    async def look(self) -> None:
        """Decide about all of them, one event each. Raises TransientError; then the next look finds what is left.

        What stands all the same is asked about at the next look, and hides nothing behind it.
        """
        decided = set[EventId]()
        while due := [each for each in await self._find(AT_ONCE + len(decided)) if each.event_id not in decided]:
            log.info(self._what, cases=len(due))
            await self._decide(due)
            decided |= {each.event_id for each in due}
