"""What an event addresses to single agents. Pure.

It is kept before the event is published, so that a page that hears of the event finds it.
"""

from collections.abc import Iterator

from guichet.case.record import CaseRecord
from guichet.contracts.case_events import CaseAssigned, CaseEvent, CaseSnoozed, NoteAdded
from guichet.ids import AgentId
from guichet.store.agents.news import AgentNews, NewsKind, news_id


def news_of(event: CaseEvent, case: CaseRecord) -> list[AgentNews]:
    """Return what an event tells agents, each once. case: as it stands by now."""
    told = dict(_told(event, case))
    by = getattr(event, "by", None)
    return [
        AgentNews(
            _id=news_id(agent, event.event_id),
            agent=agent,
            case_id=event.case_id,
            kind=kind,
            by=by,
            at=event.occurred_at,
        )
        for agent, kind in told.items()
        if agent != by
    ]


def _told(event: CaseEvent, case: CaseRecord) -> Iterator[tuple[AgentId, NewsKind]]:
    """Yield who is told of an event, and why. What its own author did is told to nobody."""
    match event:
        case NoteAdded():
            yield from ((agent, NewsKind.MENTION) for agent in event.mentions)
        case CaseAssigned() if event.by is not None:  # without a right there is nothing to be told
            if event.from_agent is not None:
                yield event.from_agent, NewsKind.TAKEN
            if event.to is not None:
                yield event.to, NewsKind.GIVEN
        case CaseSnoozed() if event.until is None and event.by is None and case.assigned_to is not None:
            yield case.assigned_to, NewsKind.BACK
