"""Answers on paper: written for who refuses electronic ones or has no address, printed, and said to be posted."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from fastapi import APIRouter, Request, Response

from agent_desk.domain.clocks.pieces_to_ask import PiecesToAsk
from agent_desk.domain.composer.four_eyes import sends_alone
from agent_desk.domain.composer.signature import signature_of, signed
from agent_desk.domain.decisions.decision import new_once
from agent_desk.domain.decisions.form_input import FormInput, reply_input
from agent_desk.domain.errors import NotAllowedError
from agent_desk.domain.paper.letter_frame import recipient_text
from agent_desk.domain.paper.paper_form import PaperForm, paper_form
from agent_desk.domain.questions.asked_by_answer import AskedByAnswer
from agent_desk.domain.questions.question_mark import QuestionMark
from agent_desk.domain.visitor import Visitor
from agent_desk.entry.case_frame import CaseFrame
from agent_desk.entry.decision_answers import DecisionAnswers
from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.cases.decide import DecisionPorts
from agent_desk.handlers.cases.read_cases import ScopedCases
from agent_desk.handlers.paper.answer_on_paper import answer_on_paper, note_refusal
from agent_desk.handlers.paper.paper_answers import PaperAnswer, PaperAnswers
from guichet.case.record import CaseRecord
from guichet.contracts.inbound import ChannelName
from guichet.french.no_break_spaces import with_no_break_spaces
from guichet.law.calendar import paris_date
from guichet.rights.case_acts import CaseAct
from guichet.store.notes import Notes

REFUSES: Final = with_no_break_spaces(
    "La personne refuse expressément les réponses électroniques (CRPA L112-14) : réponse par courrier postal."
)
"""What an internal note says, in French as agents write."""


@dataclass(frozen=True)
class PaperPages:
    """paper: the channel that letters come by."""

    gate: SessionGate
    frame: CaseFrame
    answers: DecisionAnswers
    cases: ScopedCases
    printing: PaperAnswers
    notes: Notes
    ports: DecisionPorts
    paper: ChannelName

    async def writing(self, request: Request, reference: str) -> Response:
        """Return the form of an answer on paper."""
        visitor = await self.gate.visitor(request)
        case = await self._answered(visitor, reference)
        return self._form(request, visitor, case, FormInput(new_once(), shown=case.newest_said), 200)

    async def write(self, request: Request, reference: str) -> Response:
        """Keep an answer on paper; it is to be printed and posted."""
        visitor, form = await self.gate.visitor_and_form(request, keeps="text")
        case, typed = await self._answered(visitor, reference), _without_pieces(reply_input(form))
        words, refuses = signed(typed.text, self._signature(visitor, case)), form.get("refuses") == "oui"
        asked = AskedByAnswer(PiecesToAsk(case, self.frame.town, self.ports.clock()), typed.asks, words)
        if not typed.errors and asked.wrong is not None:
            typed = replace(typed, errors=(asked.wrong,))
        if typed.errors:
            return self._form(request, visitor, case, typed, 422, refuses=refuses)
        typed = replace(typed, text=typed.text.strip())

        async def again(back: FormInput, status: int) -> Response:
            now = await self._answered(visitor, reference)
            back = replace(back, shown=now.newest_said if back.refused else back.shown)
            return self._form(request, visitor, now, back, status, refuses=refuses)

        giving = answer_on_paper(visitor, case, typed, words, asked, paper=self.paper, ports=self.ports)
        noting = partial(note_refusal, visitor, case, typed, REFUSES, notes=self.notes, ports=self.ports)
        answers = replace(self.answers, then=noting) if refuses else self.answers
        return await answers.give(request, visitor, case, typed, giving, "reponse", again=again)

    def may_write(self, visitor: Visitor, case: CaseRecord) -> bool:
        """Say whether somebody may answer a case on paper, who may answer it."""
        return visitor.scope.may(CaseAct.SIGN, case) and sends_alone(visitor.scope, case, self.frame.town)

    async def with_letter(
        self, request: Request, visitor: Visitor, reference: str, text: str, mark: QuestionMark
    ) -> Response:
        """Return the form of an answer on paper with a letter that asks, to be read again before it is kept."""
        case = await self._answered(visitor, reference)
        typed = FormInput(new_once(), shown=case.newest_said, text=text, asks=str(mark))
        return self._form(request, visitor, case, typed, 200)

    async def letter(self, request: Request, reference: str, outbound_id: str) -> Response:
        """Return the form from which an answer is printed: to whom, and what its subject is called."""
        visitor = await self.gate.visitor(request)
        answer = await self.printing.find(visitor, reference, outbound_id)
        form = PaperForm({"recipient": recipient_text(answer.card), "subject": answer.subject})
        return self._print_form(request, visitor, answer, form, 200)

    async def print_letter(self, request: Request, reference: str, outbound_id: str) -> Response:
        """Return an answer as a letter; nothing of what was typed is kept."""
        visitor, given = await self.gate.visitor_and_form(request)
        answer = await self.printing.find(visitor, reference, outbound_id)
        form = paper_form(given, needed=("subject",))
        if form.errors:
            return self._print_form(request, visitor, answer, form, 422)
        return printed(*await self.printing.typeset(answer, form, paris_date(self.ports.clock())))

    async def _answered(self, visitor: Visitor, reference: str) -> CaseRecord:
        case = await self.cases.find_whole(visitor, reference, CaseAct.ANSWER, CaseAct.SIGN)
        if not sends_alone(visitor.scope, case, self.frame.town):
            raise NotAllowedError
        return case

    def _signature(self, visitor: Visitor, case: CaseRecord) -> str:
        """Return by whom a letter is signed: the address stands at its head already."""
        department = self.frame.town.department_or_fallback(case.department)
        return signature_of(visitor.agent, department, department.postal_address)

    def _form(
        self,
        request: Request,
        visitor: Visitor,
        case: CaseRecord,
        typed: FormInput,
        status: int,
        *,
        refuses: bool = False,
    ) -> Response:
        said = {"typed": typed, "signature": self._signature(visitor, case), "refuses": refuses, "status": status}
        return self.frame.page(request, "paper_answer.html", visitor, reference=case.reference, **said)

    def _print_form(
        self, request: Request, visitor: Visitor, answer: PaperAnswer, form: PaperForm, status: int
    ) -> Response:
        said = {"answer": answer, "form": form, "once": new_once(), "status": status}
        return self.frame.page(request, "paper_letter.html", visitor, reference=answer.case.reference, **said)


def _without_pieces(typed: FormInput) -> FormInput:
    """Return a form that asks by questions alone: of pieces the law wants more than a letter to be posted."""
    return typed if QuestionMark.read(typed.asks) is not None else replace(typed, asks="")


def printed(name: str, pdf: bytes) -> Response:
    """Return a PDF to be saved or printed."""
    return Response(
        pdf,
        media_type="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )


def paper_routes(pages: PaperPages) -> APIRouter:
    """Return the routes of answers on paper."""
    routes = APIRouter()
    routes.add_api_route("/demandes/{reference}/courrier", pages.writing)
    routes.add_api_route("/demandes/{reference}/courrier", pages.write, methods=["POST"])
    routes.add_api_route("/demandes/{reference}/envois/{outbound_id}/lettre", pages.letter)
    routes.add_api_route("/demandes/{reference}/envois/{outbound_id}/lettre", pages.print_letter, methods=["POST"])
    return routes
