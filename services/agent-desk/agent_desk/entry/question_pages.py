"""A question by a form: it is written into the composer, whose path it leaves by (docs/decisions/0108)."""

from dataclasses import dataclass, replace
from typing import Final

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from agent_desk.domain.cases.destination import reason_against
from agent_desk.domain.decisions.decision import new_once
from agent_desk.domain.decisions.form_input import FormInput
from agent_desk.domain.errors import NotFoundError
from agent_desk.domain.questions.question_input import ANSWERED, QuestionInput, first_question, question_input
from agent_desk.domain.questions.question_letter import QuestionLetter
from agent_desk.domain.visitor import Visitor
from agent_desk.entry.case_pages import CasePages
from agent_desk.entry.paper_pages import PaperPages
from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.cases.decide import DecisionPorts
from agent_desk.handlers.cases.find_destination import Destinations
from agent_desk.handlers.cases.read_cases import ScopedCases
from agent_desk.handlers.composer.keep_drafts import DraftKeeper
from guichet.case.record import CaseRecord
from guichet.contracts.questions import FieldKind
from guichet.errors import ErasedError, TransientError
from guichet.follow_pages.page_content import is_sensitive
from guichet.law.calendar import paris_date
from guichet.rights.case_acts import CaseAct
from guichet.store.cases.case_filter import OPEN_STATES

log = structlog.get_logger()
ON_PAPER: Final = "courrier"
"""What `par` says of a question that is printed."""


@dataclass(frozen=True, kw_only=True)
class QuestionPages:
    """Writes the letter that asks."""

    pages: CasePages
    gate: SessionGate
    cases: ScopedCases
    destinations: Destinations
    drafts: DraftKeeper
    ports: DecisionPorts
    paper: PaperPages

    async def page(self, request: Request, reference: str) -> Response:
        """Return the form."""
        visitor = await self.gate.visitor(request)
        case = await self.cases.find_whole(visitor, reference, CaseAct.ANSWER)
        typed = first_question(new_once(), case.newest_said, paris_date(self.ports.clock()))
        return await self._again(request, visitor, case, typed, 200)

    async def ask(self, request: Request, reference: str) -> Response:
        """Show the letter, or put it into the composer."""
        visitor, form = await self.gate.visitor_and_fields(request, keeps="own")
        case = await self.cases.find_whole(visitor, reference, CaseAct.ANSWER)
        typed = question_input(form, paris_date(self.ports.clock()))
        if typed.errors:
            return await self._again(request, visitor, case, typed, 422)
        on_paper = await self._goes_on_paper(request, case)
        lines = [each.line for each in typed.asked]
        letter = QuestionLetter(case.reference, lines, typed.mark.until, typed.own, on_paper=on_paper)
        if (*form.get("then", ()), "")[0] != ANSWERED or is_sensitive(case.department, self.pages.town):
            return await self._again(request, visitor, case, typed, 200, letter)
        if on_paper:
            return await self.paper.with_letter(request, visitor, reference, letter.text, typed.mark)
        try:
            is_kept = await self._draft(visitor, case, typed, letter)
        except TransientError as exc:
            log.warning("question not kept for now", case_id=case.case_id, error=str(exc))
            return await self._again(request, visitor, case, replace(typed, problem="away"), 503, letter)
        except ErasedError as exc:
            raise NotFoundError from exc
        if not is_kept:
            return await self._again(request, visitor, case, replace(typed, problem="another-draft"), 409, letter)
        return RedirectResponse(f"/demandes/{case.reference}#text", 303)

    async def _draft(self, visitor: Visitor, case: CaseRecord, typed: QuestionInput, letter: QuestionLetter) -> bool:
        """Keep the letter as the agent's draft, above what they had written; say whether it is."""
        own = (await self.drafts.of_case(visitor, case)).own
        before = (own.text or "").strip() if own is not None else ""
        draft = FormInput(
            typed.once,
            shown=own.shown if own is not None else typed.shown,
            text=before if letter.text in before else f"{letter.text}\n\n{before}".strip(),
            way=own.way if own is not None else "",
            instead_of=own.instead_of if own is not None else None,
            asks=str(typed.mark),
            replaces=own.once if own is not None else "",
        )
        return await self.drafts.keep(visitor, case, draft)

    async def _again(
        self,
        request: Request,
        visitor: Visitor,
        case: CaseRecord,
        typed: QuestionInput,
        status: int,
        letter: QuestionLetter | None = None,
    ) -> Response:
        now = await self.cases.find_whole(visitor, case.reference, CaseAct.ANSWER)
        on_paper = await self._goes_on_paper(request, now)
        return self.pages.frame.page(
            request,
            "question.html",
            visitor,
            status=status,
            reference=now.reference,
            shown=now.newest_said,
            is_open=now.state in OPEN_STATES,
            is_sensitive=is_sensitive(now.department, self.pages.town),
            on_paper=on_paper,
            may_write=not on_paper or self.paper.may_write(visitor, now),
            kinds=tuple(FieldKind),
            letter=letter,
            typed=typed,
        )

    async def _goes_on_paper(self, request: Request, case: CaseRecord) -> bool:
        """Say whether a letter is to be printed: nothing leads there electronically, or the agent wants it so."""
        sending = await self.destinations.of(case, None)
        refused = reason_against(sending.shown, case.channel, self.pages.town)
        return request.query_params.get("par") == ON_PAPER or (refused is not None and not sending.ways)


def question_routes(pages: QuestionPages) -> APIRouter:
    """Return the routes of questions."""
    routes = APIRouter()
    routes.add_api_route("/demandes/{reference}/question", pages.page)
    routes.add_api_route("/demandes/{reference}/question", pages.ask, methods=["POST"])
    return routes
