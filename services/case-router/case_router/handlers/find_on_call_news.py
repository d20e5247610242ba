"""Find out what urgent cases tell who is on call. A batch without one asks the store nothing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from case_router.domain.on_call import moment_to_tell, news_for_who_is_on_call, who_may_be_told
from guichet.case.record import CaseRecord
from guichet.contracts.case_events import CaseEvent
from guichet.store.agents.absences import Absences, away_at
from guichet.store.agents.news import AgentNews
from guichet.store.agents.on_call import OnCallRota
from guichet.store.agents.rights import AgentRights
from guichet.town import Town


@dataclass(frozen=True)
class OnCallNewsFinder:
    """Asks who was on call when each case arrived, not when its event is handled again. clock: aware UTC."""

    rota: OnCallRota
    absences: Absences
    rights: AgentRights
    town: Town
    clock: Callable[[], datetime]

    async def news_of(self, events: Iterable[tuple[CaseEvent, CaseRecord]]) -> list[AgentNews]:
        """Return what these events tell who is on call. Raises TransientError."""
        told: list[AgentNews] = []
        now = self.clock()
        for event, case in events:
            if (at := moment_to_tell(event, case, self.town, now)) is not None:
                told += await self._told(event, case, at)
        return told

    async def _told(self, event: CaseEvent, case: CaseRecord, at: datetime) -> list[AgentNews]:
        rota = await self.rota.at(at)
        if not rota:
            return []
        away = away_at(await self.absences.not_over(at), at)
        rights = await self.rights.of(who_may_be_told(rota, away))
        return news_for_who_is_on_call(event, case, at, rota, away, rights)
