"""Who sends a request, by their cookie, and what they sent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.responses import HTMLResponse

from agent_desk.domain.errors import (
    ForgedFormError,
    MustChangeError,
    MustEnrolError,
    NotFoundError,
    NotSignedInError,
    UnassignedError,
)
from agent_desk.domain.sign_in.sessions import form_token, is_form_token, is_token, new_token
from agent_desk.domain.sign_in.try_limits import REMEMBERED_FOR, SignInPlace
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.sign_in.sign_in import SignIn
from agent_desk.handlers.work.page_bar import PageBar
from guichet.runtime.telemetry.probing_alarm import Probing, Refusal
from guichet.web.forms import address_of, is_utf8
from guichet.web.templates import Templates, language_of

SESSION_COOKIE = "guichet_session"
BROWSER_COOKIE = "guichet_navigateur"  # by which an agent is known here; it opens nothing
_BROWSER_KEPT_S = int(REMEMBERED_FOR.total_seconds())
PENDING_COOKIE = "guichet_code"  # the password was right; it opens the page that asks for the code
STRANGER_COOKIE = "guichet_connexion"  # guards the sign-in form, before there is a session
_FIELDS = 24
_MANY_FIELDS = 2000  # a profile of many lines, each with a box for every department of a large town
_FIELD_BYTES = 256 * 1024


@dataclass(frozen=True)
class SessionGate:
    """Recognises visitors by their cookie and forms by their token. secure: cookies travel over HTTPS only.

    Who must first choose a password, or enrol a second factor, is a newcomer: a page lets them in only where it says
    so, by `newcomer…` or `enrolling…`. Who is assigned to nothing today is let in nowhere, and out by `leaver…`.
    second_factor_required: nobody sees a case without one.
    probing: hears of forms that were not made for the browser which sends them.
    """

    sign_in: SignIn
    templates: Templates
    probing: Probing
    bar: PageBar
    key: bytes
    secure: bool
    second_factor_required: bool
    clock: Callable[[], datetime]

    async def visitor(self, request: Request) -> Visitor:
        """Return who asks; it keeps them signed in. Raises NotSignedInError, or a kind of it; TransientError."""
        return await self._told_what_waits(request, _who_sees_cases(await self.newcomer(request)))

    async def newcomer(self, request: Request) -> Visitor:
        """Return who asks, even if they must do something first.

        Raises NotSignedInError, UnassignedError, TransientError.
        """
        return _assigned(await self._leaver(request))

    async def _leaver(self, request: Request) -> Visitor:
        return self._signed_in(request, await self.sign_in.visitor(session_token(request), language_of(request)))

    async def enrolling(self, request: Request) -> Visitor:
        """Return who asks, even if they have no second factor. Raises as `visitor`."""
        return _with_own_password(_with_account(await self.newcomer(request)))

    async def account_holder(self, request: Request) -> Visitor:
        """As `newcomer`. Raises NotFoundError, too: who signs in by the provider has no account of ours."""
        return _with_account(await self.newcomer(request))

    async def onlooker(self, request: Request) -> Visitor:
        """Return whose open page asks by itself; it keeps nobody signed in. Raises as `visitor`."""
        visitor = await self.sign_in.onlooker(session_token(request), language_of(request))
        return _who_sees_cases(_assigned(self._signed_in(request, visitor)))

    async def visitor_and_form(self, request: Request, keeps: str = "") -> tuple[Visitor, Mapping[str, str]]:
        """Return who sent a form, and its fields. keeps: the field that every answer gives back, whatever goes wrong.

        Raises NotSignedInError, MustChangeError, ForgedFormError, TransientError.
        """
        visitor, form = await self.newcomer_and_form(request, keeps)
        return await self._told_what_waits(request, _who_sees_cases(visitor)), form

    async def visitor_and_fields(
        self, request: Request, keeps: str = ""
    ) -> tuple[Visitor, Mapping[str, Sequence[str]]]:
        """As `visitor_and_form`, of a form with many fields, of which some stand several times.

        Nothing of it is read before it is known who sends it, unless there is a field that it keeps.
        """
        read = await read_fields(request) if keeps else None
        request.state.typed = read.get(keeps, [""])[-1] if read else ""
        visitor = await self.visitor(request)
        fields = await read_fields(request) if read is None else read
        self._require_form_of(session_token(request), {name: values[-1] for name, values in fields.items()})
        return visitor, fields

    def require_form_of(self, request: Request, form: Mapping[str, str]) -> None:
        """Raise ForgedFormError for a form with files that was not made for this session; who sends it is known."""
        self._require_form_of(session_token(request), form)

    async def enrolling_and_form(self, request: Request) -> tuple[Visitor, Mapping[str, str]]:
        """As `visitor_and_form`, even if they have no second factor."""
        visitor, form = await self.newcomer_and_form(request)
        return _with_own_password(_with_account(visitor)), form

    async def account_holder_and_form(self, request: Request) -> tuple[Visitor, Mapping[str, str]]:
        """As `newcomer_and_form`, and `account_holder`."""
        visitor, form = await self.newcomer_and_form(request)
        return _with_account(visitor), form

    async def newcomer_and_form(self, request: Request, keeps: str = "") -> tuple[Visitor, Mapping[str, str]]:
        """As `visitor_and_form`, even if they must do something first."""
        visitor, form = await self.leaver_and_form(request, keeps)
        return _assigned(visitor), form

    async def leaver_and_form(self, request: Request, keeps: str = "") -> tuple[Visitor, Mapping[str, str]]:
        """As `newcomer_and_form`, even if they are assigned to nothing."""
        form = await read_form(request)
        request.state.typed = form.get(keeps, "")
        visitor = await self._leaver(request)
        self._require_form_of(session_token(request), form)
        return visitor, form

    async def pending_form(self, request: Request) -> Mapping[str, str]:
        """Return the fields of a form that gives a code. Raises NotSignedInError, ForgedFormError."""
        form, token = await read_form(request), pending_token(request)
        if not token:
            raise NotSignedInError
        self._require_form_of(token, form)
        return form

    def page(
        self, request: Request, template: str, *, visitor: Visitor | None = None, status: int = 200, **values: Any
    ) -> HTMLResponse:
        """Return a rendered page in the reader's language."""
        shown = {"visitor": visitor, "path": request.url.path, "now": self.clock(), **values}
        return self.templates.page(request, template, status, **shown)

    def place_of(self, request: Request) -> SignInPlace:
        """Return where a visitor is: their address, and their browser, which gets a token where it has none."""
        given = request.cookies.get(BROWSER_COOKIE, "")
        return SignInPlace(address_of(request), given if is_token(given) else new_token())

    def let_in(self, response: Response, token: str, place: SignInPlace) -> None:
        """Give the browser its session, and let it be known here."""
        self._set(response, SESSION_COOKIE, token)
        self._set(response, BROWSER_COOKIE, place.browser, max_age=_BROWSER_KEPT_S)
        response.delete_cookie(STRANGER_COOKIE)
        response.delete_cookie(PENDING_COOKIE)

    def let_in_by_provider(self, response: Response, token: str) -> None:
        """Give the browser a session that no password of ours began: where it is, is not learnt from it."""
        self._set(response, SESSION_COOKIE, token)
        response.delete_cookie(STRANGER_COOKIE)
        response.delete_cookie(PENDING_COOKIE)

    def ask_for_code(self, response: Response, token: str) -> None:
        """Give the browser its pending sign-in, and take a session that it may have had."""
        self._set(response, PENDING_COOKIE, token)
        response.delete_cookie(SESSION_COOKIE)
        response.delete_cookie(STRANGER_COOKIE)

    def stay_in(self, response: Response, token: str) -> None:
        """Give the browser another session of the same agent."""
        self._set(response, SESSION_COOKIE, token)

    def see_off(self, response: Response) -> None:
        """Take the session from the browser."""
        response.delete_cookie(SESSION_COOKIE)

    def greet(self, request: Request) -> tuple[str, str]:
        """Return the token of someone who is not signed in, and what their sign-in form must carry."""
        token = request.cookies.get(STRANGER_COOKIE) or new_token()
        return token, form_token(self.key, token)

    def remember_stranger(self, response: Response, token: str) -> None:
        """Let the browser prove that it was here when the sign-in form comes back."""
        self._set(response, STRANGER_COOKIE, token)

    def is_greeted(self, request: Request, given: str) -> bool:
        """Say whether a sign-in form was made for this browser."""
        token = request.cookies.get(STRANGER_COOKIE, "")
        greeted = bool(token) and is_form_token(self.key, token, given)
        if not greeted:
            self.probing.note(Refusal.FORM)
        return greeted

    async def _told_what_waits(self, request: Request, visitor: Visitor) -> Visitor:
        """Return a visitor with what the bar of each page tells them, and how they like pages to be."""
        return _recognised(request, await self.bar.filled(visitor))

    def _signed_in(self, request: Request, visitor: Visitor | None) -> Visitor:
        if visitor is None or (visitor.by_provider and self.second_factor_required and not visitor.second_factor):
            raise NotSignedInError
        must_enrol = self.second_factor_required and not visitor.second_factor
        return _recognised(request, replace(visitor, must_enrol=must_enrol))

    def _require_form_of(self, token: str, form: Mapping[str, str]) -> None:
        if not is_form_token(self.key, token, form.get("form_token", "")):
            self.probing.note(Refusal.FORM)
            raise ForgedFormError

    def _set(self, response: Response, name: str, value: str, max_age: int | None = None) -> None:
        response.set_cookie(name, value, max_age=max_age, httponly=True, samesite="strict", secure=self.secure)


def recognised(request: Request) -> Visitor | None:
    """Return who asks, where that was found out already: for a page that says what went wrong, which asks no store."""
    found: Visitor | None = getattr(request.state, "visitor", None)
    return found


def _recognised(request: Request, visitor: Visitor) -> Visitor:
    request.state.visitor = visitor
    return visitor


def session_token(request: Request) -> str:
    """Return what the browser holds of its session; blank for nothing."""
    return request.cookies.get(SESSION_COOKIE, "")


def pending_token(request: Request) -> str:
    """Return what the browser holds of a sign-in that lacks its second factor; blank for nothing."""
    return request.cookies.get(PENDING_COOKIE, "")


def _who_sees_cases(visitor: Visitor) -> Visitor:
    if _with_own_password(visitor).must_enrol:
        raise MustEnrolError
    return visitor


def _assigned(visitor: Visitor) -> Visitor:
    if not visitor.is_assigned:
        raise UnassignedError
    return visitor


def _with_account(visitor: Visitor) -> Visitor:
    if visitor.by_provider:
        raise NotFoundError
    return visitor


def _with_own_password(visitor: Visitor) -> Visitor:
    if visitor.must_change:
        raise MustChangeError
    return visitor


async def read_fields(request: Request) -> dict[str, list[str]]:
    """Return the text fields of a form of many, each as often as it stands there. Raises HTTPException (415)."""
    if not is_utf8(request):
        raise HTTPException(415, "This form is not in UTF-8.")
    form = await request.form(max_fields=_MANY_FIELDS, max_files=0, max_part_size=_FIELD_BYTES)
    found: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            found.setdefault(name, []).append(value.replace("\r\n", "\n"))
    return found


async def read_form(request: Request) -> dict[str, str]:
    """Return a form's text fields, line ends as one character; the desk takes no files. Raises HTTPException (415)."""
    if not is_utf8(request):
        raise HTTPException(415, "This form is not in UTF-8.")
    form = await request.form(max_fields=_FIELDS, max_files=0, max_part_size=_FIELD_BYTES)
    return {name: value.replace("\r\n", "\n") for name, value in form.items() if isinstance(value, str)}
