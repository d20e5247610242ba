"""The forms about the work on a case, beside those that decide it. What was typed is never lost."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from agent_desk.domain.decisions.form_input import FormInput, once_of, shown_of
from agent_desk.domain.entered.taken_down import half_typed
from agent_desk.domain.work.assignment import assignee_of, assignment_input
from agent_desk.domain.work.note import note_input, note_of_what_was_said
from agent_desk.domain.work.reopen_reason import reopening_input
from agent_desk.domain.work.snooze import snooze_input, until_of
from agent_desk.entry.case_pages import CasePages
from agent_desk.entry.decision_answers import DecisionAnswers
from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.cases.decide import DecisionPorts
from agent_desk.handlers.cases.read_cases import ScopedCases
from agent_desk.handlers.work.add_note import add_note
from agent_desk.handlers.work.assign import assign_case
from agent_desk.handlers.work.assignees import Assignees
from agent_desk.handlers.work.reopen import reopen_case
from agent_desk.handlers.work.snooze import snooze_case
from guichet.contracts.inbound import ChannelName
from guichet.law.calendar import paris_date
from guichet.rights.case_acts import CaseAct
from guichet.store.notes import Notes


@dataclass(frozen=True)
class WorkPages:
    """Takes commands about the work."""

    pages: CasePages
    answers: DecisionAnswers
    gate: SessionGate
    cases: ScopedCases
    assignees: Assignees
    notes: Notes
    ports: DecisionPorts

    async def assign(self, request: Request, reference: str) -> Response:
        """Give the case to an agent, or back."""
        visitor, form = await self.gate.visitor_and_form(request, keeps="handover")
        case = await self.cases.find_whole(visitor, reference, CaseAct.ANSWER)
        typed = assignment_input(form, await self.assignees.of(case))
        if typed.errors:
            return await self.pages.case_again(request, visitor, case, typed, 422)
        to, words = assignee_of(typed), typed.handover.strip()
        giving = assign_case(visitor, case, sheet=typed.sheet, to=to, words=words, ports=self.ports)
        return await self.answers.give(request, visitor, case, typed, giving, "attribution")

    async def note(self, request: Request, reference: str) -> Response:
        """Add an internal note."""
        visitor, form = await self.gate.visitor_and_form(request, keeps="note")
        case = await self.cases.find_whole(visitor, reference, CaseAct.ANSWER)
        today = paris_date(self.ports.clock())
        typed = note_input(form, visitor.handles, await self.assignees.of(case), today)
        if typed.errors:
            return await self.pages.case_again(request, visitor, case, typed, 422)
        adding = add_note(visitor, case, typed, notes=self.notes, ports=self.ports)
        return await self.answers.give(request, visitor, case, typed, adding, "note")

    async def take_over(self, request: Request, reference: str) -> Response:
        """Return the case with a note of what was typed of a call about it, which its author then adds."""
        visitor, form = await self.gate.visitor_and_form(request, keeps="text")
        case, said = await self.cases.find_whole(visitor, reference, CaseAct.ANSWER), half_typed(form)
        facts, way = self.pages.town.facts, ChannelName(said.way)
        called = facts[way].title.fr if way in facts else ""  # for colleagues, as the labels of procedures are
        return await self.pages.case_again(request, visitor, case, note_of_what_was_said(said, called), 200)

    async def call(self, request: Request, reference: str) -> Response:
        """Show the numbers that the case knows, and ask what came of calling."""
        visitor, form = await self.gate.visitor_and_form(request, keeps="note")
        case = await self.cases.find_whole(visitor, reference, CaseAct.ANSWER)
        call, call_on = form.get("call", ""), form.get("call_on", "")
        typed = FormInput(once_of(form), shown=shown_of(form), note=form.get("note", ""), call=call, call_on=call_on)
        return await self.pages.case_again(request, visitor, case, typed, 200, calling=True)

    async def snooze(self, request: Request, reference: str) -> Response:
        """Put the case off until a day, or take it up again."""
        visitor, form = await self.gate.visitor_and_form(request)
        case = await self.cases.find_whole(visitor, reference, CaseAct.ANSWER)
        typed = snooze_input(form, paris_date(self.ports.clock()))
        if typed.errors:
            return await self.pages.case_again(request, visitor, case, typed, 422)
        putting_off = snooze_case(visitor, case, sheet=typed.sheet, until=until_of(typed), ports=self.ports)
        return await self.answers.give(request, visitor, case, typed, putting_off, "attente")

    async def reopen(self, request: Request, reference: str) -> Response:
        """Open a closed case again."""
        visitor, form = await self.gate.visitor_and_form(request, keeps="reopening")
        case, typed = await self.cases.find_whole(visitor, reference, CaseAct.CLOSE), reopening_input(form)
        if typed.errors:
            return await self.pages.case_again(request, visitor, case, typed, 422)
        reopening = reopen_case(
            visitor,
            case,
            sheet=typed.sheet,
            why=typed.reopening.strip(),
            ports=self.ports,
            unannounced=typed.unannounced,
        )
        return await self.answers.give(request, visitor, case, typed, reopening, "reouverture")


def work_routes(work: WorkPages) -> APIRouter:
    """Return the routes for the work on a case."""
    routes = APIRouter()
    routes.add_api_route("/demandes/{reference}/attribution", work.assign, methods=["POST"])
    routes.add_api_route("/demandes/{reference}/notes", work.note, methods=["POST"])
    routes.add_api_route("/demandes/{reference}/ajout", work.take_over, methods=["POST"])

    routes.add_api_route("/demandes/{reference}/appel", work.call, methods=["POST"])
    routes.add_api_route("/demandes/{reference}/attente", work.snooze, methods=["POST"])
    routes.add_api_route("/demandes/{reference}/reouverture", work.reopen, methods=["POST"])
    return routes
