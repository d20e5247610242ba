"""Find out what urgent cases tell who is on call, by three queries a batch; one without such a case sends none."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from case_router.domain.on_call import OnCallThen, moment_to_tell, news_for_who_is_on_call
from guichet.case.record import CaseRecord
from guichet.contracts.case_events import CaseEvent
from guichet.store.agents.absences import Absences
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
        now = self.clock()
        urgent = [
            (event, case, at)
            for event, case in events
            if (at := moment_to_tell(event, case, self.town, now)) is not None
        ]
        if not urgent:
            return []
        moments = [at for _, _, at in urgent]
        first, last = min(moments), max(moments)
        rota = await self.rota.between({None, *(event.department for event, _, _ in urgent)}, first, last)
        if not rota:
            return []
        absences = await self.absences.not_over(first)
        then = {at: OnCallThen.of(at, rota, absences) for at in moments}
        rights = await self.rights.of({agent for each in then.values() for agent in each.may_be_told})
        return [news for event, case, at in urgent for news in news_for_who_is_on_call(event, case, then[at], rights)]
