"""What happened on a day that may be past, and that no other page says: rights of the GDPR, a remedy before a court."""

from dataclasses import dataclass
from functools import partial

from fastapi import APIRouter, Request, Response

from agent_desk.domain.clocks.clocks_shown import ClocksShown
from agent_desk.domain.clocks.dated_fact import DATED_ALONE, dated_fact, dated_input
from agent_desk.domain.clocks.fact_input import FactInput
from agent_desk.domain.decisions.decision import new_once
from agent_desk.domain.decisions.form_input import FormInput
from agent_desk.domain.visitor import Visitor
from agent_desk.entry.case_pages import CasePages
from agent_desk.entry.decision_answers import DecisionAnswers
from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.cases.decide import DecisionPorts
from agent_desk.handlers.cases.read_cases import ScopedCases
from agent_desk.handlers.work.state_fact import state_dated
from guichet.case.record import CaseRecord
from guichet.law.calendar import paris_date
from guichet.rights.case_acts import CaseAct


@dataclass(frozen=True)
class DatedFactPages:
    """Takes them, on a page of their own."""

    pages: CasePages
    answers: DecisionAnswers
    gate: SessionGate
    cases: ScopedCases
    ports: DecisionPorts

    async def page(self, request: Request, reference: str) -> Response:
        """Return the form."""
        visitor = await self.gate.visitor(request)
        case = await self.cases.find_whole(visitor, reference, CaseAct.ANSWER)
        today = paris_date(self.ports.clock()).isoformat()
        return await self._again(request, visitor, case, FormInput(new_once(), fact=FactInput(on=today)), 200)

    async def state(self, request: Request, reference: str) -> Response:
        """Tell one."""
        visitor, form = await self.gate.visitor_and_form(request)
        case = await self.cases.find_whole(visitor, reference, CaseAct.ANSWER)
        typed = dated_input(form, case, self._shown(case).open_rights, paris_date(self.ports.clock()))
        again = partial(self._again, request, visitor, case)
        if typed.errors:
            return await again(typed, 422)
        stating = state_dated(visitor, case, sheet=typed.sheet, fact=dated_fact(typed.fact), ports=self.ports)
        return await self.answers.give(request, visitor, case, typed, stating, "fait-date", again=again)

    async def _again(
        self, request: Request, visitor: Visitor, case: CaseRecord, typed: FormInput, status: int
    ) -> Response:
        now = await self.cases.find_whole(visitor, case.reference, CaseAct.ANSWER)
        await self.cases.note_clocks(visitor, now)
        return self.pages.frame.page(
            request,
            "dated_facts.html",
            visitor,
            status=status,
            reference=now.reference,
            shown=now.newest_said,
            received_on=paris_date(now.received_at),
            today=paris_date(self.ports.clock()),
            kinds=DATED_ALONE,
            rights=self._shown(now).open_rights,
            typed=typed,
        )

    def _shown(self, case: CaseRecord) -> ClocksShown:
        return ClocksShown(case, self.pages.town, self.ports.clock())


def dated_fact_routes(pages: DatedFactPages) -> APIRouter:
    """Return the routes of dated facts."""
    routes = APIRouter()
    routes.add_api_route("/demandes/{reference}/faits", pages.page)
    routes.add_api_route("/demandes/{reference}/faits", pages.state, methods=["POST"])
    return routes
