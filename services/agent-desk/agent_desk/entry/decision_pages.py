"""The forms of a case page: answer, hand over, close, judge the sender. What was typed is never lost."""

from dataclasses import dataclass, replace
from datetime import date

import structlog
from fastapi import APIRouter, Request, Response

from agent_desk.domain.composer.four_eyes import sends_alone
from agent_desk.domain.decisions.closing_guards import closing_guards
from agent_desk.domain.decisions.decision import new_once
from agent_desk.domain.decisions.form_input import (
    FormInput,
    abuse_input,
    close_input,
    confirmation_input,
    lifting_input,
    reply_input,
    reroute_input,
    settlement_input,
)
from agent_desk.domain.decisions.given_command import GivenCommand
from agent_desk.domain.errors import NotAllowedError, NotFoundError
from agent_desk.domain.visitor import Visitor
from agent_desk.domain.work.snooze import comes_back_on
from agent_desk.entry.case_pages import CasePages
from agent_desk.entry.decision_answers import DecisionAnswers, see
from agent_desk.entry.leaving_pages import LeavingPages
from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.cases.await_outcome import Outcomes
from agent_desk.handlers.cases.decide import (
    DecisionPorts,
    close_case,
    confirm_sender,
    declare_abuse,
    lift_abuse,
    reply_command,
    reroute_case,
    settle_delivery,
)
from agent_desk.handlers.cases.find_proof import SenderProofs
from agent_desk.handlers.cases.read_cases import ScopedCases
from agent_desk.handlers.composer.judge_answer import AnswerJudge
from agent_desk.handlers.composer.keep_drafts import DraftKeeper
from agent_desk.handlers.paper.paper_answers import PaperAnswers
from agent_desk.handlers.work.follow_answer import behind_answer
from guichet.case.record import CaseRecord
from guichet.contracts.abuse import AbuseGround
from guichet.contracts.authorship import Proof
from guichet.contracts.delivery import Settlement
from guichet.errors import ErasedError, TransientError
from guichet.ids import DepartmentId, MessageId, SectorCitizenId
from guichet.law.calendar import paris_date
from guichet.rights.case_acts import CaseAct
from guichet.town.town import Town

log = structlog.get_logger()


@dataclass(frozen=True)
class DecisionPages:
    """Takes commands. Each is answered once the router has decided it (docs/decisions/0030)."""

    pages: CasePages
    answers: DecisionAnswers
    leaving: LeavingPages
    gate: SessionGate
    cases: ScopedCases
    ports: DecisionPorts
    judge: AnswerJudge
    sender_proofs: SenderProofs
    drafts: DraftKeeper
    outcomes: Outcomes
    town: Town
    printing: PaperAnswers

    async def reply(self, request: Request, reference: str) -> Response:
        """Answer the citizen."""
        visitor, form = await self.gate.visitor_and_form(request, keeps="text")
        typed = reply_input(form)
        acts = (CaseAct.ANSWER, CaseAct.SIGN, *((CaseAct.CLOSE,) if typed.then == "close" else ()))
        case, back = await self.cases.find_whole(visitor, reference, *acts), self._comes_back(typed)
        if not sends_alone(visitor.scope, case, self.town):  # a page of before the town wanted four eyes
            raise NotAllowedError
        if typed.then == "wait" and back is None:
            typed = replace(typed, errors=(*typed.errors, "wait-missing"))
        if typed.errors:
            return await self._to_be_mended(request, visitor, case, typed)
        try:
            judged = await self.judge.judge(visitor, case, typed)
            if judged.typed.errors:
                return await self._to_be_mended(request, visitor, case, judged.typed)
        except TransientError as exc:
            log.warning("answer not judged for now", case_id=case.case_id, error=str(exc))
            return await self.pages.case_again(request, visitor, case, replace(typed, problem="away"), 503)
        reply = reply_command(visitor, case, judged.answer, self.ports, closes=typed.then == "close")
        then = behind_answer(visitor, case, typed, back or judged.comes_back_on, self.ports)
        return await self.leaving.send(request, visitor, case, typed, judged.answer.text, reply, then)

    def _comes_back(self, typed: FormInput) -> date | None:
        today = paris_date(self.ports.clock())
        return comes_back_on(typed.wait_until, today) if typed.then == "wait" else None

    async def _to_be_mended(self, request: Request, visitor: Visitor, case: CaseRecord, typed: FormInput) -> Response:
        """Give an answer back that cannot go as it is, and keep it."""
        try:
            await self.drafts.keep(visitor, case, typed)
        except (TransientError, ErasedError) as exc:
            log.warning("draft not kept for now", case_id=case.case_id, error=str(exc))
        return await self.pages.case_again(request, visitor, case, typed, 422)

    async def reroute(self, request: Request, reference: str) -> Response:
        """Hand the case to another department."""
        visitor, form = await self.gate.visitor_and_form(request, keeps="reason")
        case = await self.cases.find_whole(visitor, reference, CaseAct.REROUTE)
        typed = reroute_input(form, case.department, self.town)
        if typed.errors:
            return await self.pages.case_again(request, visitor, case, typed, 422)
        department = DepartmentId(typed.department)
        handing = reroute_case(
            visitor,
            case,
            sheet=typed.sheet,
            department=department,
            reason=typed.reason.strip(),
            ports=self.ports,
            unannounced=typed.unannounced,
        )
        handed = {"department": department, "sector": self.town.sector_of(department), "procedure": None}
        stays = visitor.scope.covers(case.model_copy(update=handed))  # its procedure stays behind (decisions/0061)
        return await self.answers.give(request, visitor, case, typed, handing, "transmission", stays=stays)

    async def close(self, request: Request, reference: str) -> Response:
        """Close the case."""
        visitor, form = await self.gate.visitor_and_form(request)
        case = await self.cases.find_whole(visitor, reference, CaseAct.CLOSE)
        typed = close_input(form, closing_guards(case, self.town, self.ports.clock()))
        if typed.errors:
            return await self.pages.case_again(request, visitor, case, typed, 422)
        closing = close_case(visitor, case, sheet=typed.sheet, ports=self.ports, unannounced=typed.unannounced)
        return await self.answers.give(request, visitor, case, typed, closing, "cloture")

    async def confirm(self, request: Request, reference: str) -> Response:
        """Say who opened a case that nobody vouches for."""
        visitor, form = await self.gate.visitor_and_form(request)
        case = await self.cases.find_whole(visitor, reference, CaseAct.ANSWER)
        choices = filter(None, (case.citizen, *case.candidates))
        typed = confirmation_input(form, frozenset(choices) if case.unverified else frozenset())
        if typed.errors:
            return await self.pages.case_again(request, visitor, case, typed, 422)
        citizen = SectorCitizenId(typed.citizen)
        confirming = confirm_sender(visitor, case, sheet=typed.sheet, citizen=citizen, ports=self.ports)
        return await self.answers.give(request, visitor, case, typed, confirming, "identite")

    async def declare_abuse(self, request: Request, reference: str) -> Response:
        """Declare the sender's messages abusive."""
        visitor, form = await self.gate.visitor_and_form(request, keeps="abuse_reason")
        case = await self.cases.find_whole(visitor, reference, CaseAct.CLOSE)
        try:
            proven = await self.sender_proofs.proof_of(case) is Proof.PROVEN
        except TransientError as exc:
            log.warning("abuse not judged for now", case_id=case.case_id, error=str(exc))
            typed = replace(abuse_input(form, proven=True), problem="away")
            return await self.pages.case_again(request, visitor, case, typed, 503)
        typed = abuse_input(form, proven=proven)
        if typed.errors:
            return await self.pages.case_again(request, visitor, case, typed, 422)
        ground, reason = AbuseGround(typed.ground), typed.abuse_reason.strip()
        declaring = declare_abuse(visitor, case, sheet=typed.sheet, ground=ground, reason=reason, ports=self.ports)
        return await self.answers.give(request, visitor, case, typed, declaring, "abus")

    async def lift_abuse(self, request: Request, reference: str) -> Response:
        """Give the sender receipts again."""
        visitor, form = await self.gate.visitor_and_form(request)
        case, typed = await self.cases.find_whole(visitor, reference, CaseAct.CLOSE), lifting_input(form)
        lifting = lift_abuse(visitor, case, sheet=typed.sheet, ports=self.ports)
        return await self.answers.give(request, visitor, case, typed, lifting, "abus-leve")

    async def settle(self, request: Request, reference: str, outbound_id: str) -> Response:
        """Say what became of a message of which nobody knows whether it left, or that an answer on paper was posted."""
        visitor, form = await self.gate.visitor_and_form(request)
        case, settlement = await self.cases.find_whole(visitor, reference, CaseAct.ANSWER), form.get("settlement", "")
        if outbound_id not in {*case.deliveries, *case.undecided} or settlement not in set(Settlement):
            raise NotFoundError
        typed, said = settlement_input(form), Settlement(settlement)
        if said is Settlement.POSTED and not await self.printing.is_on_paper(case, outbound_id):
            raise NotFoundError
        message = MessageId(outbound_id)
        settling = settle_delivery(
            visitor, case, sheet=typed.sheet, outbound_id=message, settlement=said, ports=self.ports
        )
        return await self.answers.give(request, visitor, case, typed, settling, "envoi")

    async def give_back(self, request: Request, reference: str) -> Response:
        """Return a case of one of whose commands nothing came, with the answer that it was to send, to be sent anew."""
        visitor, given = await self.gate.visitor(request), GivenCommand.read(request.query_params.get("suite"))
        case = await self.cases.find_whole(visitor, reference)
        if given is None or (await self.outcomes.of(given.command)).is_decided:
            return see(case, {"suite": str(given or "")})
        text = await self.cases.unsent(visitor, case, given.command)
        note = await self.cases.untaken(visitor, case, given.command)
        asks = await self.drafts.asks(visitor, case) if text else ""
        typed = FormInput(new_once(), text=text or "", note=note or "", asks=asks, problem="unconfirmed")
        return await self.pages.case_again(request, visitor, case, typed, 200)


def decision_routes(commands: DecisionPages) -> APIRouter:
    """Return the routes for deciding."""
    routes = APIRouter()
    routes.add_api_route("/demandes/{reference}/reponse", commands.reply, methods=["POST"])
    routes.add_api_route("/demandes/{reference}/transmission", commands.reroute, methods=["POST"])
    routes.add_api_route("/demandes/{reference}/cloture", commands.close, methods=["POST"])
    routes.add_api_route("/demandes/{reference}/identite", commands.confirm, methods=["POST"])
    routes.add_api_route("/demandes/{reference}/abus", commands.declare_abuse, methods=["POST"])
    routes.add_api_route("/demandes/{reference}/abus/levee", commands.lift_abuse, methods=["POST"])
    routes.add_api_route("/demandes/{reference}/saisie", commands.give_back)
    routes.add_api_route("/demandes/{reference}/envois/{outbound_id}", commands.settle, methods=["POST"])
    return routes
