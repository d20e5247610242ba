"""The page on which agents say how they like the desk to be."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from agent_desk.entry.session_gate import SessionGate
from guichet.law.calendar import paris_date
from guichet.store.agents.preferences import MailWish, Preferences

HERE: Final = "/preferences"


@dataclass(frozen=True)
class PreferencePages:
    """Shows and takes an agent's own preferences; nobody changes another's. clock: aware UTC.

    urgent: whether the town calls some cases urgent, which a key leads to.
    """

    gate: SessionGate
    preferences: Preferences
    clock: Callable[[], datetime]
    urgent: bool

    async def page(self, request: Request) -> Response:
        """Show them."""
        visitor = await self.gate.visitor(request)
        liked = await self.preferences.of(visitor.agent.agent_id)
        done, address = request.query_params.get("fait"), visitor.agent.written_to_at(paris_date(self.clock()))
        return self.gate.page(
            request,
            "preferences.html",
            visitor=visitor,
            liked=liked,
            address=address,
            done=done,
            urgent=self.urgent,
        )

    async def put(self, request: Request) -> Response:
        """Take what was chosen."""
        visitor, form = await self.gate.visitor_and_form(request)
        read = await self.preferences.of(visitor.agent.agent_id)
        said = {"keys": form.get("keys") != "non", "notify": form.get("notify") == "oui"}
        liked = read.model_copy(update=said)
        wish = form.get("mails")  # which the form does not ask of who has no address
        if wish in tuple(MailWish):
            liked = liked.with_mails(MailWish(wish), visitor.language, self.clock())
        await self.preferences.put(liked, over=read)
        return RedirectResponse(f"{HERE}?fait=1", 303)


def preference_routes(pages: PreferencePages) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()
    routes.add_api_route(HERE, pages.page)
    routes.add_api_route(HERE, pages.put, methods=["POST"])
    return routes
