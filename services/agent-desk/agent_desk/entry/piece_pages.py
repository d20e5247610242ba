"""Pieces of a request: they are asked for by a letter, and come (docs/decisions/0098). What was typed is never lost."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from agent_desk.domain.cases.destination import reason_against
from agent_desk.domain.clocks.dated_fact import arrival, arrival_input, day_since_receipt
from agent_desk.domain.clocks.pieces_form import ANSWERED, POSTED, asked_of, first_input, mark_of, pieces_input
from agent_desk.domain.clocks.pieces_letter import PiecesLetter, effect_of
from agent_desk.domain.clocks.pieces_to_ask import PiecesToAsk, asked_pieces
from agent_desk.domain.composer.four_eyes import sends_alone
from agent_desk.domain.decisions.decision import new_once
from agent_desk.domain.decisions.form_input import FormInput
from agent_desk.domain.errors import NotFoundError
from agent_desk.domain.visitor import Visitor
from agent_desk.entry.case_pages import CasePages
from agent_desk.entry.decision_answers import DecisionAnswers
from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.cases.decide import DecisionPorts
from agent_desk.handlers.cases.find_destination import Destinations
from agent_desk.handlers.cases.read_cases import ScopedCases
from agent_desk.handlers.composer.keep_drafts import DraftKeeper
from agent_desk.handlers.work.state_fact import state_dated
from guichet.case.record import CaseRecord
from guichet.contracts.legal_facts import FactKind, StatedFact
from guichet.errors import ErasedError, TransientError
from guichet.law.calendar import paris_date, start_of_day
from guichet.rights.case_acts import CaseAct
from guichet.store.cases.case_filter import OPEN_STATES

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class PiecePages:
    """Writes the letter into the composer, whose path it leaves by; notes what went on paper, and what came."""

    pages: CasePages
    answers: DecisionAnswers
    gate: SessionGate
    cases: ScopedCases
    destinations: Destinations
    drafts: DraftKeeper
    ports: DecisionPorts

    async def page(self, request: Request, reference: str) -> Response:
        """Return the form."""
        visitor = await self.gate.visitor(request)
        case = await self.cases.find_whole(visitor, reference, CaseAct.ANSWER)
        typed = first_input(new_once(), case.newest_said, self._to_ask(case))
        return await self._again(request, visitor, case, typed, 200)

    async def ask(self, request: Request, reference: str) -> Response:
        """Show the letter, put it into the composer, or note that it went on paper."""
        visitor, form = await self.gate.visitor_and_fields(request, keeps="own")
        case = await self.cases.find_whole(visitor, reference, CaseAct.ANSWER)
        typed, then = pieces_input(form, self._to_ask(case)), (*form.get("then", ()), "")[0]
        again = partial(self._again, request, visitor, case)
        if typed.errors:
            return await again(typed, 422)
        if then == POSTED:
            return await self._posted(request, visitor, case, typed)
        if then != ANSWERED:
            return await again(typed, 200, letter=self._letter(case, typed))
        try:
            is_kept = await self._draft(visitor, case, typed)
        except TransientError as exc:
            log.warning("letter about pieces not kept for now", case_id=case.case_id, error=str(exc))
            return await again(replace(typed, problem="away"), 503)
        except ErasedError as exc:
            raise NotFoundError from exc
        if not is_kept:
            return await again(replace(typed, problem="another-draft"), 409, letter=self._letter(case, typed))
        return RedirectResponse(f"/demandes/{case.reference}#text", 303)

    async def arrived(self, request: Request, reference: str) -> Response:
        """Note that a piece came."""
        visitor, form = await self.gate.visitor_and_form(request)
        case = await self.cases.find_whole(visitor, reference, CaseAct.ANSWER)
        to_ask = self._to_ask(case)
        typed = arrival_input(form, case, [each.name for each in to_ask.lacking], to_ask.today)
        again = partial(self._again, request, visitor, case)
        if typed.errors:
            return await again(typed, 422)
        fact = arrival(typed.fact, to_ask.asked_at(typed.fact.value))
        stating = state_dated(visitor, case, sheet=typed.sheet, fact=fact, ports=self.ports)
        return await self.answers.give(request, visitor, case, typed, stating, "fait-date", again=again)

    async def _draft(self, visitor: Visitor, case: CaseRecord, typed: FormInput) -> bool:
        """Keep the letter as the agent's draft, above what they had written; say whether it is."""
        own = (await self.drafts.of_case(visitor, case)).own
        letter, before = self._letter(case, typed).text, (own.text or "").strip() if own is not None else ""
        draft = FormInput(
            typed.once,
            shown=own.shown if own is not None else typed.shown,
            text=before if letter in before else f"{letter}\n\n{before}".strip(),
            way=own.way if own is not None else "",
            instead_of=own.instead_of if own is not None else None,
            asks=str(mark_of(typed.fact)),
            replaces=own.once if own is not None else "",
        )
        return await self.drafts.keep(visitor, case, draft)

    async def _posted(self, request: Request, visitor: Visitor, case: CaseRecord, typed: FormInput) -> Response:
        to_ask = self._to_ask(case)
        asked = asked_pieces(asked_of(typed.fact, to_ask), mark_of(typed.fact).until)
        fact = StatedFact(event=FactKind.PIECES_ASKED_FOR, at=self._leaves_at(case, typed), asked=asked)
        stating = state_dated(visitor, case, sheet=typed.sheet, fact=fact, ports=self.ports)
        again = partial(self._again, request, visitor, case)
        return await self.answers.give(request, visitor, case, typed, stating, "fait-date", again=again)

    def _letter(self, case: CaseRecord, typed: FormInput) -> PiecesLetter:
        to_ask, mark = self._to_ask(case), mark_of(typed.fact)
        pieces = asked_of(typed.fact, to_ask)
        assert to_ask.procedure is not None  # it has the pieces
        at = self._leaves_at(case, typed)
        return PiecesLetter(
            reference=case.reference,
            about=to_ask.procedure.label,
            received_on=paris_date(case.received_at),
            pieces=pieces,
            until=mark.until,
            effect=effect_of(case, self.pages.town, at, pieces, mark.until),
            own=typed.text,
        )

    def _leaves_at(self, case: CaseRecord, typed: FormInput) -> datetime:
        """Return when a letter leaves: the day that it was posted, as it begins, or now."""
        now = self.ports.clock()
        posted = day_since_receipt(typed.fact.on, case, paris_date(now)) if typed.fact.on else None
        return start_of_day(posted) if posted is not None else now

    async def _again(
        self,
        request: Request,
        visitor: Visitor,
        case: CaseRecord,
        typed: FormInput,
        status: int,
        letter: PiecesLetter | None = None,
    ) -> Response:
        now = await self.cases.find_whole(visitor, case.reference, CaseAct.ANSWER)
        await self.cases.note_clocks(visitor, now)
        to_ask, asks = self._to_ask(now), typed.fact.kind == FactKind.PIECES_ASKED_FOR
        form = typed if asks else first_input(typed.once, typed.shown, to_ask)
        sending = await self.destinations.of(now, None)
        refused = reason_against(sending.shown, now.channel, self.pages.town)
        return self.pages.frame.page(
            request,
            "pieces.html",
            visitor,
            status=status,
            reference=now.reference,
            shown=now.newest_said,
            is_open=now.state in OPEN_STATES,
            to_ask=to_ask,
            received_on=paris_date(now.received_at),
            came_on=paris_date(await self._came_on(now)).isoformat(),
            on_paper=refused is not None and not sending.ways,
            submits=not sends_alone(visitor.scope, now, self.pages.town),
            letter=letter,
            typed=typed,
            form=form,
        )

    async def _came_on(self, case: CaseRecord) -> datetime:
        """Return when the citizen's last message was received, which may have brought a piece."""
        found = await self.ports.messages.find_many([case.last_inbound])
        last = found.get(case.last_inbound)
        return max(case.received_at, last.date_of_receipt) if last is not None else case.received_at

    def _to_ask(self, case: CaseRecord) -> PiecesToAsk:
        return PiecesToAsk(case, self.pages.town, self.ports.clock())


def piece_routes(pages: PiecePages) -> APIRouter:
    """Return the routes of pieces."""
    routes = APIRouter()
    routes.add_api_route("/demandes/{reference}/pieces", pages.page)
    routes.add_api_route("/demandes/{reference}/pieces", pages.ask, methods=["POST"])
    routes.add_api_route("/demandes/{reference}/pieces/recue", pages.arrived, methods=["POST"])
    return routes
