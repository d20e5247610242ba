"""Signing in and out."""

import math
import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from agent_desk.domain.errors import ForgedFormError
from agent_desk.domain.sign_in.sign_in_refusal import SignInRefusal
from agent_desk.entry.provider_cookies import drop_id_token, id_token_in
from agent_desk.entry.session_gate import SessionGate, read_form
from agent_desk.handlers.sign_in.openid.sign_in_by_provider import SignInByProvider
from agent_desk.handlers.sign_in.sign_in import CodeDue, SignIn

PAGE_OF_CODE = "/connexion/code"
_OUR_PAGES = re.compile(r"/demandes(/[0-9A-Z-]+)?", re.ASCII)


def sign_in_routes(gate: SessionGate, sign_in: SignIn, by_provider: SignInByProvider | None) -> APIRouter:
    """Return the routes of the sign-in page. by_provider: the other way in, where there is one."""
    routes = APIRouter()

    @routes.get("/connexion")
    async def show(request: Request, vers: str = "") -> Response:
        return _form(gate, request, vers=vers)

    @routes.post("/connexion")
    async def submit(request: Request) -> Response:
        form = await read_form(request)
        name, wanted = form.get("name", ""), form.get("vers", "")
        if not gate.is_greeted(request, form.get("form_token", "")):
            return _form(gate, request, status=403, vers=wanted, name=name, problem="stale")
        place = gate.place_of(request)
        outcome = await sign_in.by_password(name, form.get("password", ""), place)
        if isinstance(outcome, SignInRefusal):
            return _refusal(gate, request, outcome, vers=wanted, name=name)
        if isinstance(outcome, CodeDue):
            response = RedirectResponse(f"{PAGE_OF_CODE}?vers={quote(our_page(wanted))}", 303)
            gate.ask_for_code(response, outcome.token)
            return response
        response = RedirectResponse(our_page(wanted), 303)
        gate.let_in(response, outcome.token, outcome.place)
        return response

    @routes.post("/deconnexion")
    async def sign_out(request: Request) -> Response:
        try:
            visitor, _ = await gate.leaver_and_form(request)
        except ForgedFormError:
            return RedirectResponse("/demandes", 303)
        await sign_in.sign_out(visitor)
        onward = (
            await by_provider.verify.sign_out_address(id_token_in(request))
            if by_provider and visitor.by_provider
            else None
        )
        response = gate.page(request, "onward.html", onward=onward, way="out") if onward else _to_sign_in()
        gate.see_off(response)
        drop_id_token(response)
        return response

    return routes


def _to_sign_in() -> Response:
    return RedirectResponse("/connexion", 303)


def _refusal(gate: SessionGate, request: Request, refused: SignInRefusal, **typed: str) -> Response:
    """Return the form once more, with the name and without the password."""
    shown: dict[str, Any] = {"problem": refused.problem, "minutes": refused.minutes, **typed}
    return say_when(_form(gate, request, status=401, **shown), refused)


def say_when(page: Response, refused: SignInRefusal) -> Response:
    """Say when to come back, where another try is not heard at once."""
    if refused.wait is not None:
        page.status_code, page.headers["Retry-After"] = 429, wait_seconds(refused.wait)
    return page


def wait_seconds(pause: timedelta) -> str:
    """Return a pause as the header Retry-After says it."""
    return str(math.ceil(pause.total_seconds()))


def our_page(wanted: str) -> str:
    """Return where a sign-in leads: to what was asked for, if it is one of our pages."""
    return wanted if _OUR_PAGES.fullmatch(wanted) else "/demandes"


def _form(gate: SessionGate, request: Request, *, status: int = 200, vers: str = "", **values: Any) -> Response:
    token, form_token = gate.greet(request)
    shown = {"name": "", "problem": None, "minutes": 0, **values}
    page = gate.page(request, "sign_in.html", status=status, vers=vers, form_token=form_token, **shown)
    gate.remember_stranger(page, token)
    return page
