"""The page between the password and the first case: it asks for a one-time code."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from agent_desk.domain.sign_in.session_tokens import form_token
from agent_desk.domain.sign_in.sign_in_refusal import Refused
from agent_desk.entry.session_gate import Door, pending_token
from agent_desk.entry.sign_in_pages import PAGE_OF_CODE, our_page, wait
from agent_desk.handlers.sign_in.finish_sign_in import SecondStep


def code_routes(door: Door, second_step: SecondStep) -> APIRouter:
    """Return the routes of the only page that a pending sign-in opens."""
    routes = APIRouter()

    @routes.get(PAGE_OF_CODE)
    async def show(request: Request, vers: str = "") -> Response:
        await second_step.pending(pending_token(request))
        return _form(door, request, vers=vers)

    @routes.post(PAGE_OF_CODE)
    async def finish(request: Request) -> Response:
        form = await door.pending_form(request)
        wanted = form.get("vers", "")
        outcome = await second_step.finish(pending_token(request), form.get("code", ""), door.place_of(request))
        if isinstance(outcome, Refused):
            return _refusal(door, request, outcome, wanted)
        response = RedirectResponse(our_page(wanted), 303)
        door.let_in(response, outcome.token, outcome.place)
        return response

    return routes


def _refusal(door: Door, request: Request, refused: Refused, wanted: str) -> Response:
    if refused.busy:
        return wait(_form(door, request, status=429, vers=wanted, problem="busy"), None)
    if refused.pause is None:
        return _form(door, request, status=401, vers=wanted, problem="wrong")
    minutes = int(refused.pause.total_seconds() // 60) + 1
    return wait(_form(door, request, status=429, vers=wanted, problem="too-many", minutes=minutes), refused.pause)


def _form(door: Door, request: Request, *, status: int = 200, vers: str = "", **values: Any) -> Response:
    shown = {"problem": None, "minutes": 0, "form_token": form_token(door.key, pending_token(request)), **values}
    return door.page(request, "code.html", status=status, vers=vers, **shown)
