"""Signing in and out by the town's identity provider: there, back, and what it tells us by itself.

A browser that another site sends here brings no cookie of ours that is SameSite=Strict, on this request or on one that
we redirect it to. So its way on is a page of ours that leads on by itself; and out of a form's answer, too, since
form-action would stop a redirect to the provider's own sign-out.
"""

from typing import Final

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from agent_desk.domain.sign_in.openid.answer import ProviderAnswer
from agent_desk.domain.sign_in.openid.errors import RefusedAnswerError
from agent_desk.domain.sign_in.openid.outcome import NotLetIn, Problem
from agent_desk.entry.provider_cookies import drop_started, keep_id_token, keep_started, started_in
from agent_desk.entry.session_gate import SessionGate, read_form
from agent_desk.entry.sign_in_pages import our_page, wait_seconds
from agent_desk.handlers.sign_in.openid.end_sessions import EndSessions
from agent_desk.handlers.sign_in.openid.sign_in_by_provider import SignInByProvider

WAY_THERE: Final = "/connexion/fournisseur"
WAY_BACK: Final = "/connexion/fournisseur/retour"
SIGNED_OUT_THERE: Final = "/connexion/fournisseur/fin"
_STATUS: Final = {Problem.AWAY: 503, Problem.TOO_MANY: 429}
log = structlog.get_logger()


def provider_routes(gate: SessionGate, by_provider: SignInByProvider, end_sessions: EndSessions) -> APIRouter:
    """Return the routes, where a provider is set."""
    routes = APIRouter()

    @routes.get(WAY_THERE)
    async def begin(request: Request, vers: str = "") -> Response:
        begun = await by_provider.verify.begin(our_page(vers))
        if isinstance(begun, NotLetIn):
            return _refusal(gate, request, begun)
        response = RedirectResponse(begun.address, 303)
        keep_started(response, begun.cookie, secure=gate.secure)
        return response

    @routes.get(WAY_BACK)
    async def finish(request: Request, state: str = "", code: str = "", iss: str = "", error: str = "") -> Response:
        answer = ProviderAnswer(state=state, code=code, issuer=iss, error=error)
        outcome = await by_provider.finish(started_in(request), answer, gate.place_of(request))
        if isinstance(outcome, NotLetIn):
            page = _refusal(gate, request, outcome)
        else:
            page = gate.page(request, "onward.html", onward=our_page(outcome.wanted), way="in")
            gate.let_in_by_provider(page, outcome.token)
            keep_id_token(page, outcome.id_token, secure=gate.secure)
        drop_started(page)
        return page

    @routes.post(SIGNED_OUT_THERE)
    async def signed_out_there(request: Request) -> Response:
        form = await read_form(request)
        try:
            await end_sessions.told(form.get("logout_token", ""))
        except RefusedAnswerError as exc:
            log.warning("a logout token is refused", reason=exc.reason)
            return JSONResponse({"error": "invalid_request"}, 400)
        return Response()

    return routes


def _refusal(gate: SessionGate, request: Request, why: NotLetIn) -> Response:
    page = gate.page(request, "provider_refused.html", status=_STATUS.get(why.problem, 403), why=why)
    if why.pause is not None:
        page.headers["Retry-After"] = wait_seconds(why.pause)
    return page
