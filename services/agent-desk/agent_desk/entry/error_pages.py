"""One answer for each thing that can go wrong. Missing and out of scope are one thing."""

from typing import Final
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse

from agent_desk.domain.errors import (
    CallerOwedError,
    ForgedFormError,
    MustChangeError,
    MustEnrolError,
    NotAllowedError,
    NotFoundError,
    NotSignedInError,
    ReasonOwedError,
    UnassignedError,
    WithheldError,
)
from agent_desk.entry.session_gate import SessionGate, recognised
from guichet.documents.typeset import UntypesetError
from guichet.web.error_pages import add_error_pages

_FIRST: Final = {MustChangeError: "/mot-de-passe", MustEnrolError: "/double-authentification"}


def add_desk_error_pages(web: FastAPI, gate: SessionGate) -> None:
    """Answer errors in the reader's language, with what was typed."""

    def page(request: Request, template: str, status: int) -> Response:
        return gate.page(request, template, visitor=recognised(request), status=status, typed=_typed(request))

    add_error_pages(web, page)

    @web.exception_handler(NotFoundError)
    async def not_found(request: Request, _error: NotFoundError) -> Response:
        return page(request, "not_found.html", 404)

    @web.exception_handler(NotAllowedError)
    async def not_allowed(request: Request, _error: NotAllowedError) -> Response:
        return page(request, "not_allowed.html", 403)

    @web.exception_handler(CallerOwedError)
    @web.exception_handler(ReasonOwedError)
    async def something_first(request: Request, error: ReasonOwedError | CallerOwedError) -> Response:
        if request.method == "GET" and not request.headers.get("HX-Request"):
            return RedirectResponse(f"/demandes/{error.reference}", 303)
        first = "caller" if isinstance(error, CallerOwedError) else "reason"
        return gate.page(
            request,
            "something_first.html",
            status=403,
            first=first,
            acted=request.method != "GET",
            reference=error.reference,
            typed=_typed(request),
        )

    @web.exception_handler(NotSignedInError)
    async def sign_in_first(request: Request, error: NotSignedInError) -> Response:
        return _sign_in_first(gate, request, _FIRST.get(type(error)))

    @web.exception_handler(UnassignedError)
    async def unassigned(request: Request, _error: UnassignedError) -> Response:
        return _to_an_open_page(gate, request) or page(request, "unassigned.html", 403)

    @web.exception_handler(ForgedFormError)
    async def form_is_stale(request: Request, _error: ForgedFormError) -> Response:
        return page(request, "stale_form.html", 403)

    _add_pages_of_files(web, gate)


def _add_pages_of_files(web: FastAPI, gate: SessionGate) -> None:
    @web.exception_handler(UntypesetError)
    async def untypeset(request: Request, _error: UntypesetError) -> Response:
        back = "/".join(request.url.path.split("/")[:3])  # its case
        return gate.page(request, "untypeset.html", visitor=recognised(request), status=422, back=back)

    @web.exception_handler(WithheldError)
    async def withheld(request: Request, why: WithheldError) -> Response:
        status = 403 if why.found or why.is_too_large else 503
        return gate.page(request, "withheld.html", visitor=recognised(request), status=status, withheld=why)


def _sign_in_first(gate: SessionGate, request: Request, instead: str | None) -> Response:
    """Return what a page of before gets, or a whole page the way to sign in. instead: where else it is led."""
    if (answer := _to_an_open_page(gate, request)) is not None:
        return answer
    if request.method != "GET":
        return gate.page(request, "signed_out.html", status=401, typed=_typed(request))
    return RedirectResponse(instead or f"/connexion?vers={quote(request.url.path)}", 303)


def _to_an_open_page(gate: SessionGate, request: Request) -> Response | None:
    """Return what a page gets that asks by itself; None where somebody asks."""
    if request.headers.get("HX-Request"):  # the part goes, what is being typed beside it stays
        return gate.page(request, "signed_out_part.html", status=401)
    if "text/event-stream" in request.headers.get("accept", ""):
        return PlainTextResponse("sign in first", 401)
    return None


def _typed(request: Request) -> str:
    """Return what an agent had written, so that it is not lost."""
    return str(getattr(request.state, "typed", ""))
