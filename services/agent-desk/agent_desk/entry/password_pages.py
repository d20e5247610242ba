"""The page where an agent chooses a password."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from agent_desk.domain.sign_in.new_password import SHORTEST, Fault, NewPassword
from agent_desk.domain.sign_in.sign_in_refusal import SignInRefusal
from agent_desk.domain.visitor import Visitor
from agent_desk.entry.session_gate import SessionGate
from agent_desk.entry.sign_in_pages import say_when
from agent_desk.handlers.sign_in.change_password import ChangePassword

PAGE = "/mot-de-passe"


def password_routes(gate: SessionGate, change_password: ChangePassword) -> APIRouter:
    """Return the routes of the page, the only one that a one-time password opens."""
    routes = APIRouter()

    @routes.get(PAGE)
    async def show(request: Request, fait: str = "") -> Response:
        return _form(gate, request, await gate.account_holder(request), done=bool(fait))

    @routes.post(PAGE)
    async def change(request: Request) -> Response:
        visitor, form = await gate.account_holder_and_form(request)
        typed = NewPassword(form.get("current", ""), form.get("password", ""), form.get("again", ""))
        place = gate.place_of(request)
        outcome = await change_password.change(visitor, typed, place)
        if isinstance(outcome, Fault):
            return _form(gate, request, visitor, status=422, fault=outcome)
        if isinstance(outcome, SignInRefusal):
            return _refusal(gate, request, visitor, outcome)
        response = RedirectResponse("/demandes" if visitor.must_change else f"{PAGE}?fait=1", 303)
        gate.let_in(response, outcome, place)
        return response

    return routes


def _refusal(gate: SessionGate, request: Request, visitor: Visitor, refused: SignInRefusal) -> Response:
    shown = {"fault": refused.problem, "minutes": refused.minutes}
    return say_when(_form(gate, request, visitor, status=422, **shown), refused)


def _form(gate: SessionGate, request: Request, visitor: Visitor, *, status: int = 200, **values: Any) -> Response:
    """Return the form; nothing that was typed comes back."""
    shown = {"fault": None, "minutes": 0, "done": False, "shortest": SHORTEST, **values}
    return gate.page(request, "password.html", visitor=visitor, status=status, **shown)
