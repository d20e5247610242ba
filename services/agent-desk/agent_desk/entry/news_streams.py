"""What an open page is told of what is addressed to its reader: the count in the bar, and for its browser to say."""

import json
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

from fastapi import APIRouter, Request
from sse_starlette import EventSourceResponse, ServerSentEvent

from agent_desk.domain.visitor import Visitor
from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.live.live_feed import Concerns, LiveFeed
from agent_desk.handlers.live.live_streams import Onlooker, may_be_addressed, news_stream, while_signed_in
from agent_desk.handlers.live.pace import Pace
from guichet.case.record import CaseRecord
from guichet.ids import ProcedureId
from guichet.rights.case_acts import CaseAct
from guichet.rights.scope import Scope
from guichet.store.agents.news import AgentNews, NewsKind

DUE_SAID_SINGLY: Final = 3  # of those that come at once
Unseen = Sequence[tuple[AgentNews, CaseRecord]]


@dataclass(frozen=True)
class NewsStreams:
    """Makes the streams. What they tell is of cases that their reader may answer by then.

    urgent: the procedures whose cases are told to who is on call.
    """

    gate: SessionGate
    feed: LiveFeed
    pace: Pace
    urgent: Collection[ProcedureId]

    def counted(self, visitor: Visitor, seen: str) -> AsyncIterator[ServerSentEvent]:
        """Return the stream of the count, beside one that ends with the session. seen: which event the page has."""

        async def tell() -> Sequence[str]:
            count = await self._count(visitor)
            if count is None:
                return []  # the page keeps the count that it has
            return [self.gate.templates.render("news_counter.html", visitor.language, count=count, live=True).strip()]

        changes = self.feed.changes(
            seen, self._addressed_to(visitor)(visitor.scope), self.pace.by_itself(visitor.agent.agent_id)
        )
        return news_stream(changes, tell)

    async def notified(self, request: Request) -> EventSourceResponse:
        """Return the stream of what a browser says to an agent who looks elsewhere: what comes from now on."""
        visitor = await self.gate.onlooker(request)
        position = self.feed.position
        told = {news.news_id for news, _ in await self._unseen(visitor)}

        async def tell() -> Sequence[str]:
            fresh = [(news, case) for news, case in await self._unseen(visitor) if news.news_id not in told]
            told.update(news.news_id for news, _ in fresh)
            single, others = _apart(fresh)
            said = [self._words(visitor, news, case) for news, case in single]
            return [*said, self._words(visitor, *others[0], len(others))] if others else said

        turn = self.pace.by_itself(visitor.agent.agent_id)
        onlooker = Onlooker(visitor.scope, lambda: self.gate.sign_in.scope_now(visitor), turn)
        changes = while_signed_in(onlooker, position, feed=self.feed, concerned=self._addressed_to(visitor))
        return EventSourceResponse(news_stream(changes, tell))

    def _words(self, visitor: Visitor, news: AgentNews, case: CaseRecord, others: int = 0) -> str:
        about = {"news": news, "reference": case.reference, "others": others}
        words = self.gate.templates.render("notification.html", visitor.language, **about).strip()
        return json.dumps({"words": words, "reference": case.reference})

    async def _count(self, visitor: Visitor) -> int | None:
        scope = await self.gate.sign_in.scope_now(visitor)
        return 0 if scope is None else await self.gate.bar.unseen(replace(visitor, scope=scope))

    async def _unseen(self, visitor: Visitor) -> Unseen:
        scope = await self.gate.sign_in.scope_now(visitor)
        return await self.gate.bar.news.unseen(replace(visitor, scope=scope)) if scope is not None else []

    def _addressed_to(self, visitor: Visitor) -> Callable[[Scope], Concerns]:
        """Return what is told: of cases that they may answer; of no other they learn even that something came."""
        agent = visitor.agent.agent_id

        def of(scope: Scope) -> Concerns:
            return lambda event: may_be_addressed(event, agent, self.urgent) and scope.may(CaseAct.ANSWER, event)

        return of


def _apart(fresh: Unseen) -> tuple[Unseen, Unseen]:
    """Return what a browser says one by one, and what it says by its number alone: days come at night, and many."""
    due = [(news, case) for news, case in fresh if news.kind is NewsKind.DUE]
    more = due[DUE_SAID_SINGLY:]
    return [each for each in fresh if each not in more], more


def news_stream_routes(streams: NewsStreams) -> APIRouter:
    """Return the route that a browser listens at which notifies its agent."""
    routes = APIRouter()
    routes.add_api_route("/pour-moi/direct", streams.notified)
    return routes
