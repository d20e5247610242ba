"""Which case is told to who is on call, and to whom. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from case_router.domain.commands.rights import may_work_on
from guichet.case.record import CaseRecord
from guichet.contracts.case_events import CaseEvent, CaseOpened, CaseState
from guichet.ids import AgentId
from guichet.store.agents.absences import Absence, away_at, stand_in_of
from guichet.store.agents.news import AgentNews, NewsKind, news_id
from guichet.store.agents.on_call import OnCall, reached
from guichet.store.agents.rights import AgentRight
from guichet.town import Town


def moment_to_tell(event: CaseEvent, case: CaseRecord, town: Town, now: datetime) -> datetime | None:
    """Return of which moment whoever is on call is told of an event; None: nobody is, of what can wait or somebody has.

    That of its arrival, unless the department was open then: what came before it closed, and is filed late or released
    from suspension, would wait until it opens. Then that is now, unless it is open still. case: as it stands by now.
    now: aware UTC. A machine's mail wakes nobody.
    """
    is_urgent = (
        isinstance(event, CaseOpened)
        and event.procedure in town.urgent
        and event.automatic is None
        and case.assigned_to is None
        and case.state is not CaseState.CLOSED
    )
    moments = (event.occurred_at, now) if is_urgent else ()
    return next((at for at in moments if not town.is_open(event.department, at)), None)


@dataclass(frozen=True)
class OnCallThen:
    """The rota of a moment. at: aware UTC. rota: times that hold then. away: who is away then."""

    at: datetime
    rota: Sequence[OnCall]
    away: Mapping[AgentId, Absence]

    @classmethod
    def of(cls, at: datetime, rota: Iterable[OnCall], absences: Iterable[Absence]) -> Self:
        """Return what of a rota and of absences holds at a moment."""
        return cls(at, tuple(period for period in rota if period.holds(at)), away_at(absences, at))

    @property
    def may_be_told(self) -> set[AgentId]:
        """Everybody who is on call, each as long as they are there, else who stands in for them."""
        found = (stand_in_of(period.agent, self.away) for period in self.rota)
        return {agent for agent in found if agent is not None}


def news_for_who_is_on_call(
    event: CaseEvent, case: CaseRecord, then: OnCallThen, rights: Mapping[AgentId, Sequence[AgentRight]]
) -> list[AgentNews]:
    """Return what an event tells whom it reaches (`reached`). Of what they took down themselves nobody is told.

    then: of the moment that `moment_to_tell` says.
    """
    told = reached(
        then.rota, event.department, then.away, lambda agent: may_work_on(case, rights.get(agent, ()), then.at)
    )
    return [*_news(event, then.at, sorted({each.agent for each in told} - {event.entered_by}))]


def _news(event: CaseEvent, at: datetime, agents: Iterable[AgentId]) -> Iterator[AgentNews]:
    for agent in agents:
        name = news_id(agent, event.event_id, NewsKind.URGENT)
        yield AgentNews(
            _id=name,
            agent=agent,
            case_id=event.case_id,
            kind=NewsKind.URGENT,
            by=None,
            at=at,
            to_mail=True,
        )
