"""The page that says who is on call, and on which who heads a department says it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from agent_desk.domain.errors import NotFoundError
from agent_desk.domain.visitor import Visitor
from agent_desk.domain.work.on_call import WHOLE_TOWN, OnCallForm, as_typed
from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.staff.staff_directory import StaffDirectory
from agent_desk.handlers.work.on_call_book import OnCallBook
from guichet.errors import TransientError
from guichet.ids import DepartmentId

log = structlog.get_logger()
HERE: Final = "/astreinte"


@dataclass(frozen=True)
class OnCallPages:
    """Shows rotas to whom they concern; to everybody else there is no such page, nor another department's."""

    gate: SessionGate
    book: OnCallBook
    staff: StaffDirectory

    async def page(self, request: Request, service: str = "", modifier: str = "") -> Response:
        """Show who is on call. service: whose next weeks; blank: the first that there is. modifier: what is changed."""
        visitor = await self.gate.visitor(request)
        department = self._department(visitor, service)
        typed = OnCallForm(department)
        if modifier and self.book.kept_by(visitor, department):
            typed = await self.book.to_change(department, modifier)
        return await self._page(request, visitor, typed, done=request.query_params.get("fait"))

    async def state(self, request: Request) -> Response:
        """Take what was typed."""
        visitor, form = await self.gate.visitor_and_form(request)
        department = self._department(visitor, form.get("service", ""))
        try:
            typed = await self.book.state(visitor, department, form)
        except TransientError as exc:
            log.warning("time on call not taken for now", error=str(exc))
            return await self._again(request, visitor, department, form)
        if typed.errors:
            return await self._page(request, visitor, typed, status=422)
        return RedirectResponse(f"{HERE}?service={_in_address(department)}&fait=astreinte", 303)

    async def withdraw(self, request: Request) -> Response:
        """Forget a time on call."""
        visitor, form = await self.gate.visitor_and_form(request)
        department = self._department(visitor, form.get("service", ""))
        await self.book.withdraw(visitor, department, form.get("period", ""))
        return RedirectResponse(f"{HERE}?service={_in_address(department)}&fait=retrait", 303)

    def _department(self, visitor: Visitor, asked: str) -> DepartmentId | None:
        """Return whose rota is meant. Raises NotFoundError where it is none of the visitor's affair."""
        shown = {_in_address(each): each for each in self.book.shown_to(visitor)}
        if not shown or asked not in {"", *shown}:
            raise NotFoundError
        return shown[asked] if asked else next(iter(shown.values()))

    async def _again(
        self, request: Request, visitor: Visitor, department: DepartmentId | None, form: Mapping[str, str]
    ) -> Response:
        """Return the form as it was sent, when the store is away: nothing else can be shown."""
        return await self._page(request, visitor, replace(as_typed(department, form), problem="away"), status=503)

    async def _page(
        self, request: Request, visitor: Visitor, typed: OnCallForm, status: int = 200, done: str | None = None
    ) -> Response:
        return self.gate.page(
            request,
            "on_call.html",
            visitor=visitor,
            status=status,
            here=HERE,
            typed=typed,
            done=done,
            service=_in_address(typed.department),
            whole_town=WHOLE_TOWN,
            rota=None if typed.problem else await self.book.read(visitor, typed.department),
            keeps=self.book.kept_by(visitor, typed.department),
            choosable=await self._choosable(visitor, typed),
            departments=self.book.town.departments,
            hours=None if typed.department is None else self.book.town.departments[typed.department].opening_hours,
            agents=visitor.colleagues,
        )

    async def _choosable(self, visitor: Visitor, typed: OnCallForm) -> Mapping[str, str]:
        """Return who may be on call; while nothing can be read, who was chosen alone, as far as they are known."""
        if typed.problem:
            return {each: name for each, name in visitor.colleagues.items() if each == typed.agent}
        staff, may = await self.staff.now(), await self.book.agents(typed.department)
        return {each.agent_id: each.name for each in staff.agents if each.agent_id in may}


def _in_address(department: DepartmentId | None) -> str:
    return WHOLE_TOWN if department is None else department


def on_call_routes(pages: OnCallPages) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()
    routes.add_api_route(HERE, pages.page)
    routes.add_api_route(HERE, pages.state, methods=["POST"])
    routes.add_api_route(f"{HERE}/retrait", pages.withdraw, methods=["POST"])
    return routes
