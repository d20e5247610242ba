"""The pages where an agent adds a second factor, and sees to it later."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from agent_desk.domain.sign_in.one_time_codes import address_of, new_secret
from agent_desk.domain.sign_in.qr_code import qr_code
from agent_desk.domain.sign_in.sign_in_refusal import SignInRefusal
from agent_desk.domain.visitor import Visitor
from agent_desk.entry.session_gate import SessionGate, session_token
from agent_desk.entry.sign_in_pages import say_when
from agent_desk.handlers.sign_in.change_second_factor import ChangeSecondFactor, Enrolled, Fault, Shown

PAGE = "/double-authentification"


def second_factor_routes(gate: SessionGate, enrolling: ChangeSecondFactor, *, town_name: str) -> APIRouter:
    """Return the routes of the pages, which are also open to who must enrol first."""
    routes = APIRouter()
    pages = _Pages(gate, enrolling, town_name)

    @routes.get(PAGE)
    async def show(request: Request, fait: str = "") -> Response:
        return await pages.show(request, await gate.enrolling(request), done=fait)

    @routes.post(PAGE)
    async def enrol(request: Request) -> Response:
        visitor, form = await gate.enrolling_and_form(request)
        secret = new_secret(gate.key, session_token(request))
        outcome = await enrolling.enrol(visitor, secret, pages.shown(request, form))
        if not isinstance(outcome, Enrolled):
            return await pages.refuse(request, visitor, outcome)
        response = gate.page(request, "recovery_codes.html", codes=outcome.codes, renewed=False)
        gate.stay_in(response, outcome.token)
        return response

    @routes.post(f"{PAGE}/codes")
    async def renew(request: Request) -> Response:
        visitor, form = await gate.visitor_and_form(request)
        outcome = await enrolling.renew_codes(visitor, pages.shown(request, form))
        if isinstance(outcome, Fault | SignInRefusal):
            return await pages.refuse(request, visitor, outcome, part="codes")
        return gate.page(request, "recovery_codes.html", visitor=visitor, codes=outcome, renewed=True)

    @routes.post(f"{PAGE}/retrait")
    async def remove(request: Request) -> Response:
        visitor, form = await gate.visitor_and_form(request)
        if gate.second_factor_required:
            return await pages.refuse(request, visitor, Fault.REQUIRED, part="retrait")
        outcome = await enrolling.remove(visitor, pages.shown(request, form))
        if isinstance(outcome, Fault | SignInRefusal):
            return await pages.refuse(request, visitor, outcome, part="retrait")
        response = RedirectResponse(f"{PAGE}?fait=retrait", 303)
        gate.stay_in(response, outcome)
        return response

    return routes


class _Pages:
    """What the routes share."""

    def __init__(self, gate: SessionGate, enrolling: ChangeSecondFactor, town_name: str) -> None:
        self._gate = gate
        self._enrolling = enrolling
        self._town_name = town_name

    def shown(self, request: Request, form: Any) -> Shown:
        return Shown(form.get("password", ""), form.get("code", ""), self._gate.place_of(request))

    async def refuse(
        self, request: Request, visitor: Visitor, why: Fault | SignInRefusal, part: str = "ajout"
    ) -> Response:
        """Show the page once more; nothing that was typed comes back."""
        if isinstance(why, Fault):
            return await self.show(request, visitor, status=422, fault=why.value, part=part)
        page = await self.show(request, visitor, status=422, fault=why.problem, minutes=why.minutes, part=part)
        return say_when(page, why)

    async def show(self, request: Request, visitor: Visitor, *, status: int = 200, **values: Any) -> Response:
        """Return how it stands where there is a second factor, or the page to add one."""
        factor = await self._enrolling.factor_of(visitor)
        shown = {"fault": None, "part": "", "minutes": 0, "done": "", "required": self._gate.second_factor_required}
        if factor is not None:
            more: dict[str, Any] = {"template": "second_factor.html", "factor": factor}
        else:
            secret = new_secret(self._gate.key, session_token(request))
            address = address_of(secret, account=visitor.agent.sign_in, issuer=f"Guichet {self._town_name}")
            more = {"template": "enrol.html", "drawing": qr_code(address), "secret": _in_groups(secret)}
        return self._gate.page(request, visitor=visitor, status=status, **{**shown, **values, **more})


def _in_groups(secret: str) -> str:
    """Return a secret as it is read and typed: four characters at a time."""
    return " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))
