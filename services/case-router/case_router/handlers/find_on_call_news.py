"""Find out what urgent cases tell who is on call. A batch without one asks the store nothing."""

from collections.abc import Iterable
from dataclasses import dataclass

from case_router.domain.on_call import is_for_who_is_on_call, news_for_who_is_on_call, who_may_be_told
from guichet.case.record import CaseRecord
from guichet.contracts.case_events import CaseEvent
from guichet.store.agents.absences import Absences, away_at
from guichet.store.agents.news import AgentNews
from guichet.store.agents.on_call import OnCallRota
from guichet.store.agents.rights import AgentRights
from guichet.town import Town


@dataclass(frozen=True)
class OnCallNewsFinder:
    """Asks who was on call when each case was opened, not when its event is handled again."""

    rota: OnCallRota
    absences: Absences
    rights: AgentRights
    town: Town

    async def news_of(self, events: Iterable[tuple[CaseEvent, CaseRecord]]) -> list[AgentNews]:
        """Return what these events tell who is on call. Raises TransientError."""
        told: list[AgentNews] = []
        for event, case in events:
            if is_for_who_is_on_call(event, case, self.town):
                told += await self._told(event, case)
        return told

    async def _told(self, event: CaseEvent, case: CaseRecord) -> list[AgentNews]:
        rota = await self.rota.at(event.occurred_at)
        if not rota:
            return []
        away = away_at(await self.absences.not_over(event.occurred_at), event.occurred_at)
        rights = await self.rights.of(who_may_be_told(rota, away))
        return news_for_who_is_on_call(event, case, rota, away, rights)
