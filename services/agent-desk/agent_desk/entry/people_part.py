"""The people proposed beside what is typed of somebody, on the forms of what comes by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from fastapi import Request, Response

from agent_desk.domain.entered.people import Person, WhoSpeaks, queries_for
from agent_desk.domain.entered.taken_down import TakenDown
from agent_desk.domain.visitor import Visitor
from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.entered.find_people import FindPeople
from agent_desk.handlers.entered.lookup_limit import LookupLimit
from guichet.town.town import Town

CHOSEN: Final = "chosen"  # the button of a proposal: the reference of a case of theirs


@dataclass(frozen=True)
class PeopleShown:
    """people: whom to propose; chosen: whom the agent chose. looked: whether enough was typed to look for anybody.

    problem: why somebody may be missing, a code that the template words.
    """

    people: tuple[Person, ...] = ()
    chosen: Person | None = None
    looked: bool = False
    problem: str | None = None


NOBODY: Final = PeopleShown()


@dataclass(frozen=True)
class PeoplePart:
    """What the forms show of people whom cases know."""

    gate: SessionGate
    finder: FindPeople
    limit: LookupLimit
    town: Town

    async def of(self, visitor: Visitor, form: Mapping[str, str], typed: TakenDown) -> tuple[TakenDown, PeopleShown]:
        """Return the form with whom its agent chose, or who may be meant by what it says. Raises TransientError."""
        who = WhoSpeaks(typed.name, typed.address)
        if not (form.get(CHOSEN) or queries_for(who)):
            return typed, NOBODY
        if not self.limit.allows(visitor.agent.agent_id):
            return typed, PeopleShown(problem="too-often")
        if chosen := form.get(CHOSEN):
            person = await self.finder.chosen(visitor, chosen)
            if person is None:
                return typed, PeopleShown(looked=True)
            filled = replace(typed, name=person.name or typed.name, address=person.reached_at(who) or typed.address)
            return filled, PeopleShown(chosen=person)
        found = await self.finder.find(visitor, who)
        return typed, PeopleShown(found.people, looked=True, problem="away" if found.is_away else None)

    def part(self, request: Request, visitor: Visitor, typed: TakenDown, people: PeopleShown, form: str) -> Response:
        """Return what an open form fetches by itself. form: its address."""
        return self.gate.page(
            request,
            "entered_people_part.html",
            visitor=visitor,
            typed=typed,
            people=people,
            looked_for_at=f"{form}/personnes",
            departments=self.town.departments,
        )
