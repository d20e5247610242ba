"""The page of saved views, and what is kept of a list."""

from dataclasses import dataclass, replace
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from agent_desk.domain.cases.case_query import read_query
from agent_desk.domain.cases.listed_states import states_for
from agent_desk.domain.visitor import Visitor
from agent_desk.domain.work.saved_view_form import LONGEST_NAME, OWN, SavedViewInput, saved_view_input
from agent_desk.entry.case_list_pages import CaseListPages
from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.work.saved_views import SavedViewBook
from guichet.store.saved_views import MOST
from guichet.town.town import Town

HERE: Final = "/vues"


@dataclass(frozen=True)
class SavedViewPages:
    """Keeps lists under a name, renames them and throws them away."""

    gate: SessionGate
    lists: CaseListPages
    book: SavedViewBook
    town: Town

    async def list_page(self, request: Request) -> Response:
        """Return the page."""
        visitor = await self.gate.visitor(request)
        return await self._page(request, visitor, done=request.query_params.get("fait"))

    async def keep(self, request: Request) -> Response:
        """Keep the list that a form describes, and lead back to it."""
        visitor, form = await self.gate.visitor_and_form(request)
        query = read_query(form, states_for(visitor.listed), await self.lists.choosable(visitor))
        said = saved_view_input(form, query.words, visitor.scope.answered_departments)
        if not said.errors and not await self.book.keep(visitor, said):
            said = replace(said, errors={"name": "too-many"})
        if said.errors:
            return await self._page(request, visitor, said=said, status=422)
        return RedirectResponse(query.address(), 303)

    async def rename(self, request: Request, view: str) -> Response:
        """Give one another name."""
        visitor, form = await self.gate.visitor_and_form(request)
        found = await self.book.find(visitor, view)
        same = {**form, "whose": found.department or OWN}
        said = saved_view_input(same, found.words, visitor.scope.answered_departments)
        if not said.errors and not await self.book.rename(visitor, found, said):
            said = replace(said, errors={"name": "too-many"})
        if said.errors:
            return await self._page(request, visitor, wrong={view: said}, status=422)
        return RedirectResponse(f"{HERE}?fait=gardee", 303)

    async def remove(self, request: Request, view: str) -> Response:
        """Throw one away."""
        visitor, _ = await self.gate.visitor_and_form(request)
        await self.book.remove(visitor, view)
        return RedirectResponse(f"{HERE}?fait=supprimee", 303)

    async def _page(
        self,
        request: Request,
        visitor: Visitor,
        *,
        done: str | None = None,
        said: SavedViewInput | None = None,
        wrong: dict[str, SavedViewInput] | None = None,
        status: int = 200,
    ) -> Response:
        values: dict[str, Any] = {"done": done, "said": said, "wrong": wrong or {}, "most": MOST}
        return self.gate.page(
            request,
            "saved_views.html",
            visitor=visitor,
            status=status,
            views=await self.lists.saved(visitor),
            departments=self.town.departments,
            own=OWN,
            longest_view_name=LONGEST_NAME,
            **values,
        )


def saved_view_routes(pages: SavedViewPages) -> APIRouter:
    """Return the routes of saved views."""
    routes = APIRouter()
    routes.add_api_route(HERE, pages.list_page)
    routes.add_api_route(HERE, pages.keep, methods=["POST"])
    routes.add_api_route(HERE + "/{view}", pages.rename, methods=["POST"])
    routes.add_api_route(HERE + "/{view}/retrait", pages.remove, methods=["POST"])
    return routes
