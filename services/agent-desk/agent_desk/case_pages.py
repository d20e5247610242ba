"""The list of cases and one case: whole pages, and the parts that live updates fetch again."""

import re
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from agent_desk.case_query import read_query
from agent_desk.case_view import CaseView
from agent_desk.commands import new_once
from agent_desk.door import Door
from agent_desk.live_feed import LiveFeed
from agent_desk.reading import Reading
from agent_desk.typed import Typed
from agent_desk.visitor import Visitor
from guichet.store.case_document import CaseDocument
from guichet.town.town import Town

DONE = frozenset({"reponse", "transmission", "cloture", "identite", "abus", "abus-leve"})

_SIGNS = re.compile(r"20\d\d[0-9A-Z]{7}", re.ASCII)  # a year, then seven signs


class CasePages:
    """Shows cases. Everything shown comes from Reading, hence within the visitor's scope and noted."""

    def __init__(self, *, door: Door, reading: Reading, feed: LiveFeed, town: Town) -> None:
        self._door = door
        self._reading = reading
        self._feed = feed
        self._town = town

    async def list_page(self, request: Request) -> Response:
        """Return the list."""
        return await self._list(request, "cases.html", await self._door.visitor(request))

    async def live_list(self, request: Request) -> Response:
        """Return the part of the list that an open page fetches by itself."""
        return await self._list(request, "case_list.html", await self._door.onlooker(request))

    async def _list(self, request: Request, template: str, visitor: Visitor) -> Response:
        query, position = read_query(request.query_params), self._feed.position
        page = await self._reading.list_cases(visitor, query.filter_for(visitor.agent.agent_id))
        asked = request.query_params
        return self._page(
            request, template, visitor, query=query, page=page, position=position, done=_done(asked), of=asked.get("de")
        )

    async def case_page(self, request: Request, reference: str) -> Response:
        """Return a case."""
        return await self._case(request, reference, "case.html", await self._door.visitor(request))

    async def live_case(self, request: Request, reference: str) -> Response:
        """Return the part of a case that an open page fetches by itself."""
        return await self._case(request, reference, "case_live.html", await self._door.onlooker(request))

    async def _case(self, request: Request, reference: str, template: str, visitor: Visitor) -> Response:
        position = self._feed.position
        view = await self._reading.read_case(visitor, reference)
        done = _done(request.query_params)
        return self.show(request, template, visitor, view, Typed(new_once()), position=position, done=done)

    async def search(self, request: Request) -> Response:
        """Lead to the case of a reference as somebody typed it.

        By POST: what is typed may be a citizen's name or number, which an address would carry into logs and histories.
        """
        visitor, form = await self._door.visitor_and_form(request)
        found = await self._reading.find_case(visitor, as_reference(form.get("reference", "")))
        return RedirectResponse(f"/demandes/{found.reference}", 303)

    async def case_again(
        self, request: Request, visitor: Visitor, case: CaseDocument, typed: Typed, status: int
    ) -> Response:
        """Return a case with its forms as they were sent, because a command was not taken.

        Whoever has made sure who wrote is told the names of those it may be.
        """
        position = self._feed.position
        view = await self._reading.read_case(visitor, case.reference, naming=typed.checked)
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
            request,
            template,
            visitor=visitor,
            departments=self._town.departments,
            agents=names,
            abuse_days=max(1, self._town.abuse_lasts.days),
            **values,
        )


def case_routes(pages: CasePages) -> APIRouter:
    """Return the routes for reading."""
    routes = APIRouter()

    routes.add_api_route("/demandes", pages.list_page)
    routes.add_api_route("/demandes/liste", pages.live_list)
    routes.add_api_route("/demandes/recherche", pages.search, methods=["POST"])
    routes.add_api_route("/demandes/{reference}", pages.case_page)
    routes.add_api_route("/demandes/{reference}/fil", pages.live_case)
    return routes


def as_reference(typed: str) -> str:
    """Return what was typed in a reference's form: who takes it down on the telephone leaves out hyphens or case.

    Digits alone stay as they are: they may be a citizen's telephone number, which must not reach the audit trail.
    """
    signs = re.sub(r"[^0-9A-Z]", "", typed.upper())
    if not _SIGNS.fullmatch(signs) or signs.isdigit():
        return typed.strip()
    return f"{signs[:4]}-{signs[4:8]}-{signs[8:]}"


def _done(asked: Any) -> str | None:
    return asked.get("fait") if asked.get("fait") in DONE else None
