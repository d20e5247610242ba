"""The list of cases and one case: whole pages, and the parts that live updates fetch again."""

from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from sse_starlette import EventSourceResponse

from agent_desk.case_query import read_query
from agent_desk.case_view import CaseView
from agent_desk.commands import new_once
from agent_desk.door import Door
from agent_desk.live_feed import LiveFeed
from agent_desk.live_streams import case_stream, list_stream
from agent_desk.reading import Reading
from agent_desk.typed import Typed
from agent_desk.visitor import Visitor
from guichet.contracts.case_events import CaseEvent
from guichet.store.case_document import CaseDocument
from guichet.town.town import Town

DONE = frozenset({"reponse", "transmission", "cloture"})
# What a browser may be told about a file; anything else is bytes. Nothing here runs in a page (no HTML, no SVG).
HARMLESS = frozenset(
    {"application/pdf", "audio/mpeg", "audio/ogg", "image/gif", "image/jpeg", "image/png", "image/webp", "text/plain"}
)


class CasePages:
    """Shows cases. Everything shown comes from Reading, hence within the visitor's scope and noted."""

    def __init__(self, *, door: Door, reading: Reading, feed: LiveFeed, town: Town) -> None:
        self._door = door
        self._reading = reading
        self._feed = feed
        self._town = town

    async def list_page(self, request: Request, template: str) -> Response:
        """Return the list, whole or its live part."""
        visitor = await self._door.visitor(request)
        query, position = read_query(request.query_params), self._feed.position
        page = await self._reading.list_cases(visitor, query.filter_for(visitor.agent.agent_id))
        asked = request.query_params
        return self._page(
            request, template, visitor, query=query, page=page, position=position, done=_done(asked), of=asked.get("de")
        )

    async def case_page(self, request: Request, reference: str, template: str) -> Response:
        """Return a case, whole or its live part."""
        visitor = await self._door.visitor(request)
        position = self._feed.position
        view = await self._reading.read_case(visitor, reference)
        done = _done(request.query_params)
        return self.show(request, template, visitor, view, Typed(new_once()), position=position, done=done)

    async def case_again(
        self, request: Request, visitor: Visitor, case: CaseDocument, typed: Typed, status: int
    ) -> Response:
        """Return a case with its forms as they were sent, because a command was not taken."""
        position = self._feed.position
        view = await self._reading.read_case(visitor, case.reference)
        return self.show(request, "case.html", visitor, view, typed, position=position, status=status)

    def show(
        self, request: Request, template: str, visitor: Visitor, view: CaseView, typed: Typed, **values: Any
    ) -> Response:
        """Render a case."""
        shown = {"done": None, **values}
        return self._page(request, template, visitor, view=view, typed=typed, **shown)

    def _page(self, request: Request, template: str, visitor: Visitor, **values: Any) -> Response:
        names = {agent.agent_id: agent.name for agent in self._town.agents}
        return self._door.page(
            request, template, visitor=visitor, departments=self._town.departments, agents=names, **values
        )


def case_routes(pages: CasePages, *, door: Door, reading: Reading, feed: LiveFeed) -> APIRouter:
    """Return the routes for reading."""
    routes = APIRouter()

    @routes.get("/demandes")
    async def cases(request: Request) -> Response:
        return await pages.list_page(request, "cases.html")

    @routes.get("/demandes/liste")
    async def live_list(request: Request) -> Response:
        return await pages.list_page(request, "case_list.html")

    @routes.get("/demandes/direct")
    async def list_changes(request: Request, vu: str = "") -> Response:
        visitor = await door.visitor(request)

        def announce(event: CaseEvent) -> str:
            return door.templates.render("announcement.html", visitor.language, event=event).strip()

        return EventSourceResponse(
            list_stream(
                visitor.scope,
                vu,
                feed=feed,
                still_signed_in=lambda: door.signing_in.is_signed_in(visitor),
                announce=announce,
            )
        )

    @routes.get("/demandes/recherche")
    async def search(request: Request, reference: str = "") -> Response:
        visitor = await door.visitor(request)
        found = await reading.find_case(visitor, reference.strip().replace(" ", ""))
        return Response(status_code=303, headers={"Location": f"/demandes/{found.reference}"})

    @routes.get("/demandes/{reference}")
    async def case(request: Request, reference: str) -> Response:
        return await pages.case_page(request, reference, "case.html")

    @routes.get("/demandes/{reference}/fil")
    async def live_case(request: Request, reference: str) -> Response:
        return await pages.case_page(request, reference, "case_live.html")

    @routes.get("/demandes/{reference}/direct")
    async def case_changes(request: Request, reference: str, vu: str = "") -> Response:
        visitor = await door.visitor(request)
        found = await reading.find_case(visitor, reference)
        return EventSourceResponse(
            case_stream(
                visitor.scope,
                found.case_id,
                vu,
                feed=feed,
                still_signed_in=lambda: door.signing_in.is_signed_in(visitor),
            )
        )

    @routes.get("/demandes/{reference}/fichiers/{message}/{place}")
    async def file(request: Request, reference: str, message: str, place: str) -> Response:
        visitor = await door.visitor(request)
        number = int(place) if place.isascii() and place.isdigit() and len(place) < 4 else 0
        found = await reading.read_file(visitor, reference, message, number)
        return Response(
            found.content,
            media_type=found.content_type if found.content_type in HARMLESS else "application/octet-stream",
            headers={
                "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name, safe='')}",
                "Content-Security-Policy": "sandbox; default-src 'none'",
            },
        )

    return routes


def _done(asked: Any) -> str | None:
    return asked.get("fait") if asked.get("fait") in DONE else None
