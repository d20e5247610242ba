"""The express decision on a case: its page, its document, and the proof that it was notified. Nothing typed is lost."""

from dataclasses import dataclass, replace
from functools import partial

from fastapi import APIRouter, Request, Response

from agent_desk.domain.clocks.clocks_shown import ClocksShown
from agent_desk.domain.decisions.decision import new_once
from agent_desk.domain.decisions.form_input import FormInput
from agent_desk.domain.express.blank_decision import blank_decision
from agent_desk.domain.express.decision_form import OUTCOMES, decision_input, words_of
from agent_desk.domain.express.notification_form import WAYS, notification_input
from agent_desk.domain.visitor import Visitor
from agent_desk.entry.case_pages import CasePages
from agent_desk.entry.decision_answers import DecisionAnswers
from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.cases.decide import DecisionPorts
from agent_desk.handlers.cases.read_cases import ScopedCases
from agent_desk.handlers.express.decide_expressly import note_proof, prove_notification, take_decision
from agent_desk.handlers.express.read_decisions import ExpressDecisions
from guichet.case.record import CaseRecord
from guichet.law.calendar import paris_date
from guichet.rights.case_acts import CaseAct

_PAGE = "/decision"


@dataclass(frozen=True, kw_only=True)
class ExpressPages:
    """For who may answer the case: it is they who read its notes, too."""

    pages: CasePages
    answers: DecisionAnswers
    gate: SessionGate
    cases: ScopedCases
    decisions: ExpressDecisions
    ports: DecisionPorts

    async def page(self, request: Request, reference: str) -> Response:
        """Return the decisions of a case, and the forms about them."""
        visitor = await self.gate.visitor(request)
        case = await self.cases.find_whole(visitor, reference, CaseAct.ANSWER)
        return await self._show(request, visitor, case, None, FormInput(new_once(), shown=case.newest_said), 200)

    async def decide(self, request: Request, reference: str) -> Response:
        """Say that a decision was taken."""
        visitor, form = await self.gate.visitor_and_form(request, keeps="reasons")
        case = await self.cases.find_whole(visitor, reference, CaseAct.ANSWER)
        today = paris_date(self.ports.clock())
        typed = decision_input(form, paris_date(case.received_at), today)
        again = partial(self._show, request, visitor, case, "decision")
        if typed.errors:
            return await again(typed, 422)
        words, notes = words_of(typed.express), self.decisions.notes
        taking = take_decision(visitor, case, sheet=typed.sheet, words=words, notes=notes, ports=self.ports)
        answer = await self.answers.give(request, visitor, case, typed, taking, "decision", again=again)
        return _led_here(answer, case)

    async def notify(self, request: Request, reference: str) -> Response:
        """Say how and when the newest decision was notified."""
        visitor, form = await self.gate.visitor_and_form(request, keeps="proof")
        case = await self.cases.find_whole(visitor, reference, CaseAct.ANSWER)
        again = partial(self._show, request, visitor, case, "notification")
        taken = (await self.decisions.of(visitor, case)).taken
        today = paris_date(self.ports.clock())
        typed = notification_input(form, taken[0].on if taken else today, today)
        if typed.errors or not taken:
            return await again(typed, 422)
        given, notes = typed.express, self.decisions.notes
        proving = prove_notification(visitor, case, sheet=typed.sheet, given=given, notes=notes, ports=self.ports)
        answers = replace(
            self.answers, then=partial(note_proof, visitor, case, sheet=typed.sheet, given=given, ports=self.ports)
        )
        answer = await answers.give(request, visitor, case, typed, proving, "notification", again=again)
        return _led_here(answer, case)

    async def document(self, request: Request, reference: str, note: str) -> Response:
        """Return a decision as PDF, to be signed."""
        visitor = await self.gate.visitor(request)
        case = await self.cases.find_whole(visitor, reference, CaseAct.ANSWER)
        pdf = await self.decisions.document(visitor, case, note)
        return Response(
            pdf,
            media_type="application/pdf",
            headers={
                "Content-Disposition": f'attachment; filename="decision-{case.reference}.pdf"',
                "Content-Security-Policy": "sandbox; default-src 'none'",
            },
        )

    async def _show(
        self, request: Request, visitor: Visitor, case: CaseRecord, sent: str | None, typed: FormInput, status: int
    ) -> Response:
        """Return the page. sent: which of its forms comes back as it was sent; None: none does."""
        now = await self.cases.find_whole(visitor, case.reference, CaseAct.ANSWER)
        today, town = paris_date(self.ports.clock()), self.pages.town
        clocks = ClocksShown(now, town, self.ports.clock())
        card = await self.decisions.card(now)
        blank = blank_decision(now, clocks.confirmed, card, visitor.agent, town, today)
        return self.pages.frame.page(
            request,
            "express.html",
            visitor,
            status=status,
            reference=now.reference,
            decisions=await self.decisions.of(visitor, now),
            clocks=clocks,
            typed=typed,
            sent=sent,
            given=typed.express if sent == "decision" else blank,
            proved=typed.express if sent == "notification" else None,
            outcomes=OUTCOMES,
            ways=WAYS,
            today=today,
            received_on=paris_date(now.received_at),
            shown=now.newest_said if typed.refused else typed.shown or "",
            done=request.query_params.get("fait"),
        )


def _led_here(answer: Response, case: CaseRecord) -> Response:
    """Return an answer that leads to this page where it led to the case: here waits what is to be done next."""
    address = f"/demandes/{case.reference}"
    if answer.headers.get("location", "").startswith(f"{address}?fait="):
        answer.headers["location"] = answer.headers["location"].replace(address, address + _PAGE, 1)
    return answer


def express_routes(express: ExpressPages) -> APIRouter:
    """Return the routes of express decisions."""
    routes = APIRouter()
    routes.add_api_route("/demandes/{reference}/decision", express.page)
    routes.add_api_route("/demandes/{reference}/decision", express.decide, methods=["POST"])
    routes.add_api_route("/demandes/{reference}/decision/notification", express.notify, methods=["POST"])
    routes.add_api_route("/demandes/{reference}/decision/{note}.pdf", express.document)
    return routes
