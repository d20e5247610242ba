"""Who hears that a clock of the law came to a day in a case, and what they are told of it. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from case_router.domain.commands.rights import may_work_on
from guichet.case.record import CaseRecord
from guichet.contracts.case_events import CaseEvent, ClockReached, ReceiptOwed
from guichet.ids import AgentId
from guichet.law.calendar import paris_date
from guichet.law.clocks.clock import ClockKind
from guichet.law.clocks.notice import Stage
from guichet.law.clocks.reached_in_words import INCOMPLETE
from guichet.store.agents.absences import Absence, stand_in_of
from guichet.store.agents.news import AgentNews, NewsKind, ReachedDay, news_id
from guichet.store.agents.rights import AgentRight

_TO_HEADS: Final[frozenset[str]] = frozenset({Stage.LATE, Stage.DECIDED, INCOMPLETE})


def reached_day(event: CaseEvent) -> ReachedDay | None:
    """Return of which day an event tells; None: of none. A full acknowledgement leaves as it should."""
    match event:
        case ClockReached():
            return ReachedDay(clock=event.clock, stage=event.stage, on=event.due, means=event.means)
        case ReceiptOwed(is_full=False):
            return ReachedDay(clock=ClockKind.ARE, stage=INCOMPLETE, on=paris_date(event.occurred_at))
    return None


@dataclass(frozen=True)
class StaffThen:
    """Who may what, and who is away. at: aware UTC. rights: those that last, by whose they are."""

    at: datetime
    rights: Mapping[AgentId, Sequence[AgentRight]]
    away: Mapping[AgentId, Absence]

    def works_on(self, case: CaseRecord) -> AgentId | None:
        """Return whose work a case is: its agent's, or whoever's stands in; None: nobody's who may answer it."""
        return None if case.assigned_to is None else self._doing(case.assigned_to, case)

    def heads_of(self, case: CaseRecord) -> set[AgentId]:
        """Return who heads its department; for one who is away their stand-in, where there is one."""
        heads = (
            agent
            for agent, rights in self.rights.items()
            if any(right.heads_at(case.department, self.at) for right in rights) and self._may(agent, case)
        )
        return {self._doing(agent, case) or agent for agent in heads}

    def _doing(self, agent: AgentId, case: CaseRecord) -> AgentId | None:
        found = stand_in_of(agent, self.away)
        return found if found is not None and self._may(found, case) else None

    def _may(self, agent: AgentId, case: CaseRecord) -> bool:
        return may_work_on(case, self.rights.get(agent, ()), self.at)


def told_of(stage: str, case: CaseRecord, staff: StaffThen) -> set[AgentId]:
    """Return who hears that a case stands so: whose work it is; of what is grave, or nobody's, who heads it."""
    agent = staff.works_on(case)
    heads = staff.heads_of(case) if agent is None or stage in _TO_HEADS else set[AgentId]()
    return heads if agent is None else {agent, *heads}


def due_news(event: CaseEvent, day: ReachedDay, case: CaseRecord, staff: StaffThen) -> Iterator[AgentNews]:
    """Yield what an event tells each of them; the same again under the same ids. case: as it stands by now."""
    for agent in sorted(told_of(day.stage, case, staff)):
        yield AgentNews(
            _id=news_id(agent, event.event_id, NewsKind.DUE),
            agent=agent,
            case_id=event.case_id,
            kind=NewsKind.DUE,
            by=None,
            at=event.occurred_at,
            to_mail=True,
            reached=day,
        )
