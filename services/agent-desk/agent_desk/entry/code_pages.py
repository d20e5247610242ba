"""The page between the password and the first case: it asks for a one-time code."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from agent_desk.domain.sign_in.sessions import form_token
from agent_desk.domain.sign_in.sign_in_refusal import SignInRefusal
from agent_desk.entry.session_gate import SessionGate, pending_token
from agent_desk.entry.sign_in_pages import PAGE_OF_CODE, our_page, say_when
from agent_desk.handlers.sign_in.finish_sign_in import FinishSignIn


def code_routes(gate: SessionGate, finish_sign_in: FinishSignIn) -> APIRouter:
    """Return the routes of the only page that a pending sign-in opens."""
    routes = APIRouter()

    @routes.get(PAGE_OF_CODE)
    async def show(request: Request, vers: str = "") -> Response:
        await finish_sign_in.pending(pending_token(request))
        return _form(gate, request, vers=vers)

    @routes.post(PAGE_OF_CODE)
    async def finish(request: Request) -> Response:
        form = await gate.pending_form(request)
        wanted = form.get("vers", "")
        outcome = await finish_sign_in.finish(pending_token(request), form.get("code", ""), gate.place_of(request))
        if isinstance(outcome, SignInRefusal):
            return _refusal(gate, request, outcome, wanted)
        response = RedirectResponse(our_page(wanted), 303)
        gate.let_in(response, outcome.token, outcome.place)
        return response

    return routes


def _refusal(gate: SessionGate, request: Request, refused: SignInRefusal, wanted: str) -> Response:
    shown = {"problem": refused.problem, "minutes": refused.minutes}
    return say_when(_form(gate, request, status=401, vers=wanted, **shown), refused)


def _form(gate: SessionGate, request: Request, *, status: int = 200, vers: str = "", **values: Any) -> Response:
    shown = {"problem": None, "minutes": 0, "form_token": form_token(gate.key, pending_token(request)), **values}
    return gate.page(request, "code.html", status=status, vers=vers, **shown)
