"""What an event addresses to single agents. Pure.

It is kept before the event is published, so that a page that hears of the event finds it.
"""

from collections.abc import Iterator
from datetime import datetime

from guichet.case.record import CaseRecord
from guichet.contracts.calls import CallStep
from guichet.contracts.case_events import CaseAssigned, CaseEvent, CaseSnoozed, NoteAdded
from guichet.ids import AgentId
from guichet.store.agents.news import AgentNews, NewsKind, news_id


def news_of(event: CaseEvent, case: CaseRecord) -> list[AgentNews]:
    """Return what an event tells agents, each once. case: as it stands by now."""
    by = getattr(event, "by", None)
    return [
        AgentNews(
            _id=news_id(agent, event.event_id, kind),
            agent=agent,
            case_id=event.case_id,
            kind=kind,
            by=by,
            at=at,
            to_mail=kind is not NewsKind.TAKEN,  # nothing waits for who has the case no more
        )
        for agent, kind, at in _told(event, case)
        if agent != by or at > event.occurred_at
    ]


def _told(event: CaseEvent, case: CaseRecord) -> Iterator[tuple[AgentId, NewsKind, datetime]]:
    """Yield who is told of an event, why, and from when on. Of their own deeds nobody is told but what is to come."""
    at = event.occurred_at
    match event:
        case NoteAdded():
            yield from ((agent, NewsKind.MENTION, at) for agent in event.mentions)
            if event.call is CallStep.ASKED:
                yield case.assigned_to or event.by, NewsKind.CALL, event.call_wanted_at or at
        case CaseAssigned() if event.by is not None:  # without a right there is nothing to be told
            if event.from_agent is not None:
                yield event.from_agent, NewsKind.TAKEN, at
            if event.to is not None:
                yield event.to, NewsKind.GIVEN, at
                if case.call_back_at is not None:
                    yield event.to, NewsKind.CALL, case.call_back_at
        case CaseSnoozed() if event.until is None and event.by is None and case.assigned_to is not None:
            yield case.assigned_to, NewsKind.BACK, at
