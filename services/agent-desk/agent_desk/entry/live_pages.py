"""The streams that tell a page to fetch its live part again."""

from fastapi import APIRouter, Request
from sse_starlette import EventSourceResponse

from agent_desk.entry.news_streams import NewsStreams
from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.cases.read_cases import ScopedCases
from agent_desk.handlers.live.live_feed import LiveFeed
from agent_desk.handlers.live.live_streams import (
    Onlooker,
    case_stream,
    list_stream,
    presence_stream,
    removal_stream,
)
from agent_desk.handlers.live.merged import merged
from agent_desk.handlers.live.pace import Pace
from agent_desk.handlers.live.presence_board import Others, PresenceBoard
from guichet.contracts.case_events import CaseEvent
from guichet.rights.scope import Scope


def live_routes(
    *, gate: SessionGate, cases: ScopedCases, feed: LiveFeed, pace: Pace, board: PresenceBoard, news: NewsStreams
) -> APIRouter:
    """Return the routes that pages listen at. vu: what the page has seen. They go before those of single cases."""
    routes = APIRouter()

    @routes.get("/demandes/direct")
    async def list_changes(request: Request, vu: str = "") -> EventSourceResponse:
        visitor = await gate.onlooker(request)

        def announce(event: CaseEvent) -> str:
            return gate.templates.render("announcement.html", visitor.language, event=event).strip()

        async def listed_now() -> Scope | None:
            scope = await gate.sign_in.scope_now(visitor)
            return scope.unasked if scope is not None else None

        def take_away(event: CaseEvent) -> str:
            return gate.templates.render("removed.html", visitor.language, reference=event.reference).strip()

        onlooker = Onlooker(visitor.listed, listed_now, pace.in_turn(visitor.agent.agent_id))
        changes = list_stream(onlooker, vu, feed=feed, announce=announce)
        removed = removal_stream(onlooker, vu, feed=feed, tell=take_away)
        return EventSourceResponse(merged(merged(changes, removed), news.counted(visitor, vu)))

    @routes.get("/demandes/{reference}/direct")
    async def case_changes(request: Request, reference: str, vu: str = "") -> EventSourceResponse:
        visitor = await gate.onlooker(request)
        found = await cases.find_shown(visitor, reference)
        turn = pace.by_itself(visitor.agent.agent_id)
        onlooker = Onlooker(visitor.scope, lambda: gate.sign_in.scope_now(visitor), turn)

        def tell(others: Others) -> str:
            said = {"others": others, "agents": visitor.colleagues}
            return gate.templates.render("presence.html", visitor.language, **said).strip()

        changes = case_stream(onlooker, found, vu, feed=feed)
        present = presence_stream(onlooker, found, visitor.agent.agent_id, board=board, tell=tell)
        return EventSourceResponse(merged(merged(changes, present), news.counted(visitor, vu)))

    return routes
