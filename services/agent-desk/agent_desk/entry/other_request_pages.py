"""The form by which an agent enters another request that somebody made within a case. What was typed is never lost."""

from dataclasses import dataclass, replace

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from agent_desk.domain.entered.other_request import JoinedMessage, filled_form, sent_form
from agent_desk.domain.entered.taken_down import TakenDown
from agent_desk.domain.visitor import Visitor
from agent_desk.entry.entered_pages import way_on, who_enters
from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.entered.other_requests import OtherRequests
from guichet.case.record import CaseRecord
from guichet.errors import TransientError
from guichet.town.town import Town

log = structlog.get_logger()


@dataclass(frozen=True)
class OtherRequestPages:
    """For who enters by hand and sees the case whole; to everybody else there is no such page."""

    gate: SessionGate
    requests: OtherRequests
    town: Town

    async def form(self, request: Request, reference: str, joined: str) -> Response:
        """Return the form with everything that the message says, or that it was entered already."""
        visitor = who_enters(await self.gate.visitor(request))
        found = await self.requests.find(visitor, reference, joined)
        return await self._page(request, visitor, found, filled_form(found))

    async def take(self, request: Request, reference: str, joined: str) -> Response:
        """Enter the request, note that in the first case, and lead to the new one."""
        visitor, form = await self.gate.visitor_and_form(request, keeps="text")
        found = await self.requests.find(who_enters(visitor), reference, joined)
        typed = sent_form(form, self.town.procedures.keys())
        if typed.errors:
            return await self._page(request, visitor, found, typed, 422)
        since = self.requests.take_down.position
        try:
            stands = await self.requests.enter(visitor, found, typed)
        except TransientError as exc:
            log.warning("entry not taken for now", error=str(exc))
            return await self._page(request, visitor, found, replace(typed, problem="away"), 503)
        case = None
        try:
            if stands:
                case = await self.requests.take_down.case_of(visitor, found.entered_as, since)
                # the router may have filed meanwhile what somebody else had handed over first
                stands = not await self.requests.is_entered_otherwise(visitor, found, typed)
            if stands:
                await self.requests.note(visitor, found, case)
        except TransientError as exc:  # it is accepted, and whoever sends the form again notes it
            which = found.entered_as
            log.warning("other request entered, and not noted in the first case", message_id=which, error=str(exc))
        if not stands:
            return await self._page(request, visitor, found, replace(typed, problem="entered"), 409)
        return RedirectResponse(way_on(visitor, case), 303)

    async def _page(
        self, request: Request, visitor: Visitor, joined: JoinedMessage, typed: TakenDown, status: int = 200
    ) -> Response:
        is_entered = typed.problem == "entered" or await self.requests.entered(joined) is not None
        opened = await self.requests.opened(visitor, joined) if is_entered else None
        return self.gate.page(
            request,
            "other_request.html",
            visitor=visitor,
            status=status,
            reference=joined.case.reference,
            joined=joined,
            typed=typed,
            is_entered=is_entered,
            is_noted=self.requests.may_note(visitor, joined.case),
            opened=_to_be_named(visitor, opened),
            procedures=self.town.procedures,
            departments=self.town.departments,
        )


def _to_be_named(visitor: Visitor, opened: CaseRecord | None) -> CaseRecord | None:
    return None if opened is None or visitor.is_told_nothing(opened) else opened


def other_request_routes(pages: OtherRequestPages) -> APIRouter:
    """Return the routes of what is entered from a message."""
    routes, address = APIRouter(), "/demandes/{reference}/messages/{joined}/saisie"
    routes.add_api_route(address, pages.form)
    routes.add_api_route(address, pages.take, methods=["POST"])
    return routes
