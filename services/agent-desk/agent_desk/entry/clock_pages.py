"""The law's clocks of a case: all of them, and the forms that say what the case is. What was typed is never lost."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from agent_desk.domain.clocks.clocks_shown import ClocksShown
from agent_desk.domain.clocks.fact_form import fact_input_of, withdrawal_input, withdrawn_by
from agent_desk.domain.clocks.fact_input import FactInput
from agent_desk.domain.clocks.nature_shown import NatureShown
from agent_desk.domain.decisions.decision import new_once
from agent_desk.domain.decisions.form_input import FormInput
from agent_desk.entry.case_pages import CasePages
from agent_desk.entry.decision_answers import DecisionAnswers
from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.cases.decide import DecisionPorts
from agent_desk.handlers.cases.read_cases import ScopedCases
from agent_desk.handlers.work.reason_of_nature import reason_of_nature
from agent_desk.handlers.work.state_fact import state_fact, withdraw_fact
from guichet.case.record import CaseRecord
from guichet.rights.case_acts import CaseAct


@dataclass(frozen=True)
class ClockPages:
    """Shows the clocks and takes what they are reckoned from."""

    pages: CasePages
    answers: DecisionAnswers
    gate: SessionGate
    cases: ScopedCases
    ports: DecisionPorts

    async def clocks(self, request: Request, reference: str) -> Response:
        """Return all clocks: the part that the page of the case unfolds, or a page. Nothing of a synthesis."""
        visitor = await self.gate.visitor(request)
        case = await self.cases.find_whole(visitor, reference)
        await self.cases.note_clocks(visitor, case)
        asked, template, clocks = request.query_params, "clocks.html", self._shown(case)
        if "HX-Request" in request.headers:
            template = "clocks_part.html"
        return self.pages.frame.page(
            request,
            template,
            visitor,
            reference=case.reference,
            shown=asked.get("shown", case.newest_said),  # as far as the page told that unfolds it
            acts=frozenset(act for act in CaseAct if visitor.scope.may(act, case)),
            clocks=clocks,
            shown_by=await self._nature_shown(case, clocks),
            typed=FormInput(new_once(), fact=FactInput(kind=asked.get("kind", ""), value=asked.get("value", ""))),
        )

    async def tell(self, request: Request, reference: str) -> Response:
        """Say what the case is, or how urgent."""
        visitor, form = await self.gate.visitor_and_form(request, keeps="why")
        case = await self.cases.find_whole(visitor, reference, CaseAct.ANSWER)
        typed = fact_input_of(form, self._shown(case))
        if typed.errors:
            return await self.pages.case_again(request, visitor, case, typed, 422)
        stating = state_fact(visitor, case, sheet=typed.sheet, given=typed.fact, ports=self.ports)
        return await self.answers.give(request, visitor, case, typed, stating, "qualification")

    async def withdraw(self, request: Request, reference: str) -> Response:
        """Say that something was told by mistake."""
        visitor, form = await self.gate.visitor_and_form(request, keeps="withdrawal")
        case = await self.cases.find_whole(visitor, reference, CaseAct.ANSWER)
        shown = self._shown(case)
        typed = withdrawal_input(form, shown)
        if typed.errors:
            return await self.pages.case_again(request, visitor, case, typed, 422)
        what, why = withdrawn_by(typed.fact, shown), typed.fact.reason.strip()
        withdrawing = withdraw_fact(visitor, case, sheet=typed.sheet, what=what, why=why, ports=self.ports)
        return await self.answers.give(request, visitor, case, typed, withdrawing, "qualification-retrait")

    async def _nature_shown(self, case: CaseRecord, clocks: ClocksShown) -> NatureShown | None:
        history, opener = self.cases.story.history, self.cases.opener
        return await reason_of_nature(case, clocks.nature, clocks.nature_said_at, history=history, opener=opener)

    def _shown(self, case: CaseRecord) -> ClocksShown:
        return ClocksShown(case, self.pages.town, self.ports.clock())


def clock_routes(clocks: ClockPages) -> APIRouter:
    """Return the routes of the clocks."""
    routes = APIRouter()
    routes.add_api_route("/demandes/{reference}/delais", clocks.clocks)
    routes.add_api_route("/demandes/{reference}/qualification", clocks.tell, methods=["POST"])
    routes.add_api_route("/demandes/{reference}/qualification/retrait", clocks.withdraw, methods=["POST"])
    return routes
