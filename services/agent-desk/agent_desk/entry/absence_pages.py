"""The page on which agents say when they are away and who stands in for them; administrators say it of anybody."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from agent_desk.domain.errors import NotFoundError
from agent_desk.domain.visitor import Visitor
from agent_desk.domain.work.absence import AbsenceForm
from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.staff.staff_directory import StaffDirectory
from agent_desk.handlers.work.absences import AbsenceBook
from guichet.errors import TransientError
from guichet.ids import AgentId
from guichet.town.staff.agents import Agent

log = structlog.get_logger()
HERE: Final = "/absences"


@dataclass(frozen=True)
class AbsencePages:
    """Shows and takes absences, of who has work that another may do; to everybody else there is no such page."""

    gate: SessionGate
    absences: AbsenceBook
    staff: StaffDirectory

    async def page(self, request: Request, agent: str = "") -> Response:
        """Show an agent's absences, one's own unless an administrator asks for another's, and the form for one more."""
        visitor = await self.gate.visitor(request)
        of = await self._agent(visitor, agent)
        return await self._page(request, visitor, AbsenceForm(of.agent_id), done=request.query_params.get("fait"))

    async def state(self, request: Request) -> Response:
        """Take what was typed."""
        visitor, form = await self.gate.visitor_and_form(request)
        of = await self._agent(visitor, form.get("agent", ""))
        try:
            typed = await self.absences.state(visitor, of.agent_id, form)
        except TransientError as exc:
            log.warning("absence not taken for now", error=str(exc))
            return await self._again(request, visitor, of, form)
        if typed.errors:
            return await self._page(request, visitor, typed, status=422)
        return RedirectResponse(_back(visitor, of, "absence"), 303)

    async def withdraw(self, request: Request) -> Response:
        """Forget an absence."""
        visitor, form = await self.gate.visitor_and_form(request)
        of = await self._agent(visitor, form.get("agent", ""))
        await self.absences.withdraw(visitor, of.agent_id, form.get("absence", ""))
        return RedirectResponse(_back(visitor, of, "retrait"), 303)

    async def _agent(self, visitor: Visitor, asked: str) -> Agent:
        """Return whose absences are meant. Raises NotFoundError where they are none of the visitor's affair."""
        if asked in {"", visitor.agent.agent_id}:
            if not (visitor.administers or visitor.answers):
                raise NotFoundError
            return visitor.agent
        found = [each for each in (await self.staff.now()).agents if each.agent_id == asked]
        if not visitor.administers or not found:
            raise NotFoundError
        return found[0]

    async def _again(self, request: Request, visitor: Visitor, of: Agent, form: Mapping[str, str]) -> Response:
        """Return the form as it was sent, when the store is away: nothing else can be shown."""
        words = (form.get("first", ""), form.get("last", ""), form.get("stand_in", ""))
        typed = replace(AbsenceForm(of.agent_id, *words), problem="away")
        return await self._page(request, visitor, typed, status=503)

    async def _page(
        self, request: Request, visitor: Visitor, typed: AbsenceForm, status: int = 200, done: str | None = None
    ) -> Response:
        staff = () if typed.problem else (await self.staff.now()).agents
        theirs = [] if typed.problem else await self.absences.of_agent(typed.agent)
        everybody = {each.agent_id: each.name for each in staff}
        return self.gate.page(
            request,
            "absences.html",
            visitor=visitor,
            status=status,
            here=HERE,
            typed=typed,
            done=done,
            absences=theirs,
            on_call=await self.absences.on_call_meanwhile(typed.agent, theirs) if theirs else {},
            stand_ins=await self._choosable(visitor, typed, everybody),
            everybody=everybody if visitor.administers else {},
            departments=self.absences.departments,
            agents=visitor.colleagues,
        )

    async def _choosable(
        self, visitor: Visitor, typed: AbsenceForm, everybody: Mapping[AgentId, str]
    ) -> Mapping[AgentId, str]:
        """Return who may stand in; while nothing can be read, who was chosen alone, as far as they are known."""
        if typed.problem:
            return {each: name for each, name in visitor.colleagues.items() if each == typed.stand_in}
        return {each: everybody[each] for each in await self.absences.stand_ins(typed.agent) if each in everybody}


def _back(visitor: Visitor, of: Agent, done: str) -> str:
    asked = "" if of.agent_id == visitor.agent.agent_id else f"&agent={of.agent_id}"
    return f"{HERE}?fait={done}{asked}"


def absence_routes(pages: AbsencePages) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()
    routes.add_api_route(HERE, pages.page)
    routes.add_api_route(HERE, pages.state, methods=["POST"])
    routes.add_api_route(f"{HERE}/retrait", pages.withdraw, methods=["POST"])
    return routes
