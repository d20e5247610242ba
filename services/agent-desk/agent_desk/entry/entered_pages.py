"""The form by which an agent takes down what somebody told them. What was typed is never lost."""

from dataclasses import dataclass, replace
from typing import Final

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from agent_desk.domain.entered.taken_down import TakenDown, blank_form, half_typed, taken_down
from agent_desk.domain.errors import NotFoundError
from agent_desk.domain.visitor import Visitor
from agent_desk.entry.people_part import NOBODY, PeoplePart, PeopleShown
from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.entered.take_down import TakeDown
from agent_desk.handlers.letters.letter_box import LetterBox, departments_of
from guichet.case.record import CaseRecord
from guichet.contracts.inbound import ChannelName
from guichet.contracts.topics import INBOUND_DESK
from guichet.errors import TransientError
from guichet.law.calendar import paris_date
from guichet.rights.case_acts import CaseAct
from guichet.store.letters import REMINDED_AFTER
from guichet.town.town import Town

log = structlog.get_logger()
HERE: Final = "/saisie"


@dataclass(frozen=True)
class EnteredPages:
    """Shows and takes the form, to who may enter by hand; to everybody else there is no such page."""

    gate: SessionGate
    take_down: TakeDown
    people: PeoplePart
    letters: LetterBox
    town: Town

    @property
    def ways(self) -> tuple[ChannelName, ...]:
        """The channels that nobody but an agent brings in."""
        return tuple(name for name, facts in self.town.facts.items() if facts.topic == INBOUND_DESK.name)

    async def form(self, request: Request) -> Response:
        """Return the blank form, and say where letters have waited for long."""
        visitor = who_enters(await self.gate.visitor(request))
        return self._page(request, visitor, blank_form(), late_letters=await self.letters.any_late(visitor))

    async def take(self, request: Request) -> Response:
        """Take what was typed, and lead to its case; where the agent may not see that, say that it is on its way."""
        visitor, form = await self.gate.visitor_and_form(request, keeps="text")
        who_enters(visitor)
        today = paris_date(self.take_down.clock())
        typed = taken_down(form, self.ways, self.town.procedures.keys(), today)
        if typed.errors:
            return self._page(request, visitor, typed, 422)
        since = self.take_down.position
        try:
            message = await self.take_down.accept(visitor, typed)
        except TransientError as exc:
            log.warning("entry not taken for now", error=str(exc))
            return self._page(request, visitor, replace(typed, problem="away"), 503)
        try:
            case = await self.take_down.case_of(visitor, message, since)
        except TransientError as exc:  # it is accepted: the list will show it
            log.warning("entered case not found for now", message_id=message, error=str(exc))
            case = None
        return RedirectResponse(way_on(visitor, case, on_the_spot=typed.on_the_spot), 303)

    async def look(self, request: Request) -> Response:
        """Return who may be meant by what is typed so far, or the form with whom the agent chose of them."""
        visitor, form = await self.gate.visitor_and_form(request, keeps="text")
        who_enters(visitor)
        typed, people = await self.people.of(visitor, form, half_typed(form))
        if request.headers.get("HX-Request"):
            return self.people.part(request, visitor, typed, people, HERE)
        return self._page(request, visitor, typed, people=people)

    async def done(self, request: Request, demande: str = "") -> Response:
        """Say that what was typed is on its way to who treats it. demande: its reference."""
        visitor = who_enters(await self.gate.visitor(request))
        case = await self.take_down.own_case(visitor, demande) if demande else None
        return self.gate.page(request, "entered_done.html", visitor=visitor, here=HERE, case=case)

    def _page(
        self,
        request: Request,
        visitor: Visitor,
        typed: TakenDown,
        status: int = 200,
        people: PeopleShown = NOBODY,
        *,
        late_letters: bool = False,
    ) -> Response:
        return self.gate.page(
            request,
            "entered.html",
            visitor=visitor,
            status=status,
            here=HERE,
            typed=typed,
            people=people,
            looked_for_at=f"{HERE}/personnes",
            ways=self.ways,
            procedures=self.town.procedures,
            departments=self.town.departments,
            today=paris_date(self.take_down.clock()),
            letters=bool(departments_of(visitor)),
            late_letters=late_letters,
            reminded_after=REMINDED_AFTER.days,
            settles=visitor.scope.may_somewhere(CaseAct.CLOSE),
        )


def way_on(visitor: Visitor, case: CaseRecord | None, *, on_the_spot: bool = False) -> str:
    """Return where the visitor is led. Who would first have to recognise a caller has just spoken to them.

    Who answered on the spot has nothing left to do with the case, and may have the next person before them.
    """
    if case is None:
        return f"{HERE}/faite"
    told = on_the_spot or visitor.owes_caller(case)
    return f"{HERE}/faite?demande={case.reference}" if told else f"/demandes/{case.reference}"


def who_enters(visitor: Visitor) -> Visitor:
    """Return who enters by hand. Raises NotFoundError for whoever does not."""
    if not visitor.scope.may_somewhere(CaseAct.ENTER):
        raise NotFoundError
    return visitor


def entered_routes(pages: EnteredPages) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()
    routes.add_api_route(HERE, pages.form)
    routes.add_api_route(HERE, pages.take, methods=["POST"])
    routes.add_api_route(f"{HERE}/personnes", pages.look, methods=["POST"])
    routes.add_api_route(f"{HERE}/faite", pages.done)
    return routes
