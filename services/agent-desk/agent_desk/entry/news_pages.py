"""« Pour moi »: what is addressed to whoever looks."""

from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from agent_desk.entry.case_frame import CaseFrame
from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.cases.read_cases import ScopedCases
from agent_desk.handlers.live.live_feed import LiveFeed
from agent_desk.handlers.work.news_board import NewsBoard

HERE: Final = "/pour-moi"


@dataclass(frozen=True)
class NewsPages:
    """Shows each agent their own news, and nobody another's."""

    frame: CaseFrame
    gate: SessionGate
    board: NewsBoard
    cases: ScopedCases
    feed: LiveFeed

    async def page(self, request: Request) -> Response:
        """List them."""
        return await self._page(request, "news.html")

    async def part(self, request: Request) -> Response:
        """Return the list for a page that is open."""
        return await self._page(request, "news_list.html", keeps=False)

    async def _page(self, request: Request, template: str, *, keeps: bool = True) -> Response:
        position = self.feed.position
        visitor = await (self.gate.visitor(request) if keeps else self.gate.onlooker(request))
        told = await self.board.of(visitor)
        rows = await self.cases.rows_of(visitor, {case.case_id: case for _, case in told}.values())
        shown = [(news, rows[case.case_id]) for news, case in told]
        return self.frame.page(request, template, visitor, news=shown, position=position)

    async def see(self, request: Request) -> Response:
        """Take it that all of it has been seen."""
        visitor, _ = await self.gate.visitor_and_form(request)
        await self.board.see(visitor)
        return RedirectResponse(HERE, 303)


def news_routes(pages: NewsPages) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()
    routes.add_api_route(HERE, pages.page)
    routes.add_api_route(HERE, pages.see, methods=["POST"])
    routes.add_api_route(f"{HERE}/liste", pages.part)
    return routes
