"""The form that narrows a list. It is sent: a place is often where somebody lives, and stands in no address."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from agent_desk.domain.cases.case_query import read_query
from agent_desk.domain.cases.listed_states import states_for
from agent_desk.domain.search.address import Asked, SearchAddresses
from agent_desk.domain.search.as_typed import as_typed
from agent_desk.entry.case_list_pages import CaseListPages
from agent_desk.entry.session_gate import SessionGate
from guichet.town.town import Town


@dataclass(frozen=True, kw_only=True)
class NarrowPages:
    """Leads to the address of a list; with a place, which no list knows, to a search."""

    gate: SessionGate
    lists: CaseListPages
    addresses: SearchAddresses
    town: Town

    async def take(self, request: Request) -> Response:
        """Take the form."""
        visitor, form = await self.gate.visitor_and_form(request)
        query = read_query(form, states_for(visitor.listed), await self.lists.choosable(visitor))
        place = form.get("lieu", "").strip()
        if not place:
            return RedirectResponse(query.address(), 303)
        typed = as_typed(query, place, visitor.colleagues, self.town.facts)
        return RedirectResponse(self.addresses.of(Asked(typed=typed), visitor.session_id), 303)


def narrow_routes(pages: NarrowPages) -> APIRouter:
    """Return the route of the form."""
    routes = APIRouter()
    routes.add_api_route("/demandes", pages.take, methods=["POST"])
    return routes
