"""The page of searches."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from agent_desk.domain.cases.typed_reference import as_reference
from agent_desk.domain.cases.what_is_listed import what_is_listed
from agent_desk.domain.search.address import PATH, WORD, Asked, SearchAddresses
from agent_desk.domain.search.page import SearchPage
from agent_desk.domain.visitor import Visitor
from agent_desk.entry.in_place import is_in_place, shown_at
from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.cases.read_cases import is_reference
from agent_desk.handlers.search.search_cases import CaseSearch
from guichet.search.query import LETTERS_AT_MOST
from guichet.town.town import Town


@dataclass(frozen=True, kw_only=True)
class SearchPages:
    """Takes a search, and shows what it finds. What was typed stands in no address as it is."""

    gate: SessionGate
    search: CaseSearch
    addresses: SearchAddresses
    town: Town

    async def take(self, request: Request) -> Response:
        """Lead to the case of a reference that was typed whole, else to what is found by the words.

        A page that shows it in its own place is given it at once, and told its address.
        """
        visitor, form = await self.gate.visitor_and_form(request)
        typed = form.get("q", "")[: 2 * LETTERS_AT_MOST].strip()
        if is_reference(reference := as_reference(typed)):
            return RedirectResponse(f"/demandes/{reference}", 303)
        asked = Asked(typed=typed)
        address = self.addresses.of(asked, visitor.session_id) if typed else PATH
        if not typed or not is_in_place(request):
            return RedirectResponse(address, 303)
        return shown_at(await self._results(request, visitor, asked), address)

    async def show(self, request: Request) -> Response:
        """Return what is found; without words, how one searches."""
        visitor = await self.gate.visitor(request)
        asked = self.addresses.read(request.query_params.get(WORD, ""), visitor.session_id)
        if asked is None or not asked.typed:
            return self._page(request, visitor, None, None, goes_on=False)
        return await self._results(request, visitor, asked)

    async def _results(self, request: Request, visitor: Visitor, asked: Asked) -> Response:
        page = await self.search.search(visitor, asked)
        further = Asked(typed=asked.typed, before=page.further) if page.further else None
        address = self.addresses.of(further, visitor.session_id) if further else None
        return self._page(request, visitor, page, address, goes_on=bool(asked.before))

    def _page(
        self, request: Request, visitor: Visitor, page: SearchPage | None, further: str | None, *, goes_on: bool
    ) -> Response:
        return self.gate.page(
            request,
            "search.html",
            visitor=visitor,
            page=page,
            further=further,
            goes_on=goes_on,
            searched_words=page.typed if page else "",
            searched_wrongly=page is not None and bool(page.faults or page.unknown),
            listed=what_is_listed(visitor),
            departments=self.town.departments,
            letters_at_most=LETTERS_AT_MOST,
        )


def search_routes(pages: SearchPages) -> APIRouter:
    """Return the routes of searches."""
    routes = APIRouter()
    routes.add_api_route(PATH, pages.show)
    routes.add_api_route(PATH, pages.take, methods=["POST"])
    return routes
