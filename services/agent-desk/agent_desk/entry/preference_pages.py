"""The page on which agents say how they like the desk to be."""

from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from agent_desk.entry.session_gate import SessionGate
from guichet.store.agents.preferences import Preference, Preferences

HERE: Final = "/preferences"


@dataclass(frozen=True)
class PreferencePages:
    """Shows and takes an agent's own preferences; nobody changes another's."""

    gate: SessionGate
    preferences: Preferences

    async def page(self, request: Request) -> Response:
        """Show them."""
        visitor = await self.gate.visitor(request)
        return self.gate.page(request, "preferences.html", visitor=visitor, done=request.query_params.get("fait"))

    async def put(self, request: Request) -> Response:
        """Take what was chosen."""
        visitor, form = await self.gate.visitor_and_form(request)
        keys, notify = form.get("keys") != "non", form.get("notify") == "oui"
        await self.preferences.put(Preference(_id=visitor.agent.agent_id, keys=keys, notify=notify))
        return RedirectResponse(f"{HERE}?fait=1", 303)


def preference_routes(pages: PreferencePages) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()
    routes.add_api_route(HERE, pages.page)
    routes.add_api_route(HERE, pages.put, methods=["POST"])
    return routes
