"""Find out whom days of the law's clocks are told, by two queries a batch; one in which no day has come sends none."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from case_router.domain.due_news import StaffThen, due_news, reached_day
from guichet.case.record import CaseRecord
from guichet.contracts.case_events import CaseEvent
from guichet.store.agents.absences import Absences, away_at
from guichet.store.agents.news import AgentNews
from guichet.store.agents.rights import AgentRights, by_agent


@dataclass(frozen=True)
class DueNewsFinder:
    """Asks who works on each case and heads its department now: who has left is told nothing. clock: aware UTC."""

    absences: Absences
    rights: AgentRights
    clock: Callable[[], datetime]

    async def news_of(self, events: Iterable[tuple[CaseEvent, CaseRecord]]) -> list[AgentNews]:
        """Return what these events tell. Raises TransientError."""
        reached = [(event, day, case) for event, case in events if (day := reached_day(event)) is not None]
        if not reached:
            return []
        now = self.clock()
        rights = by_agent(await self.rights.lasting())
        staff = StaffThen(now, rights, away_at(await self.absences.not_over(now), now))
        return [news for event, day, case in reached for news in due_news(event, day, case, staff)]
