"""Answers that wait to be signed: submitted, taken back, signed and sent, given back to their author."""

from dataclasses import dataclass, replace

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from agent_desk.domain.composer.four_eyes import SIGNING
from agent_desk.domain.decisions.decision import new_once
from agent_desk.domain.decisions.form_input import FormInput, reply_input, signing_input
from agent_desk.domain.errors import NotFoundError
from agent_desk.domain.visitor import Visitor
from agent_desk.entry.case_pages import CasePages
from agent_desk.entry.leaving_pages import LeavingPages
from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.cases.decide import DecisionPorts, reply_command
from agent_desk.handlers.cases.read_cases import ScopedCases
from agent_desk.handlers.composer.judge_answer import AnswerJudge
from agent_desk.handlers.composer.sign import AnswersToSign
from agent_desk.handlers.work.follow_answer import behind_answer
from guichet.case.record import CaseRecord
from guichet.errors import ErasedError, TransientError, UnopenableError
from guichet.rights.case_acts import CaseAct

log = structlog.get_logger()
CHANGED = "to-sign-changed"


@dataclass(frozen=True, kw_only=True)
class SignPages:
    """What a drafter and who signs do with an answer (docs/decisions/0078)."""

    gate: SessionGate
    pages: CasePages
    cases: ScopedCases
    signing: AnswersToSign
    judge: AnswerJudge
    leaving: LeavingPages
    ports: DecisionPorts

    async def submit(self, request: Request, reference: str) -> Response:
        """Let an answer wait for somebody to sign it."""
        visitor, form = await self.gate.visitor_and_form(request, keeps="text")
        case, typed = await self.cases.find_whole(visitor, reference, CaseAct.ANSWER), reply_input(form)
        try:
            if error := await self.judge.wrong_with_files(case, typed) or self.judge.wrong_with_asked(
                case, typed, typed.text
            ):
                typed = replace(typed, errors=(*typed.errors, error))
            if typed.errors:
                return await self.pages.case_again(request, visitor, case, typed, 422)
            if await self.signing.submit(visitor, case, typed):
                return RedirectResponse(f"/demandes/{case.reference}#a-signer-mienne", 303)
        except TransientError as exc:
            return await self._away(request, visitor, case, typed, exc)
        except (ErasedError, UnopenableError) as exc:
            raise NotFoundError from exc
        return await self.pages.case_again(request, visitor, case, replace(typed, problem="another-draft"), 409)

    async def withdraw(self, request: Request, reference: str) -> Response:
        """Give it back to its author, who asks for it."""
        visitor, form = await self.gate.visitor_and_form(request)
        case = await self.cases.find_whole(visitor, reference, CaseAct.ANSWER)
        if await self.signing.withdraw(visitor, case, signing_input(form)):
            return RedirectResponse(f"/demandes/{case.reference}#text", 303)
        return await self._changed(request, visitor, case, FormInput(new_once()))

    async def keep(self, request: Request, reference: str) -> Response:
        """Keep what a signer changes in it."""
        visitor, form = await self.gate.visitor_and_form(request, keeps="text")
        case, typed = await self.cases.find_whole(visitor, reference, *SIGNING), signing_input(form)
        if request.headers.get("HX-Request"):
            return self.gate.page(
                request, "composer_kept.html", visitor=visitor, said=await self._kept(visitor, case, typed)
            )
        return await self._done(request, visitor, case, typed, "keep")

    async def _kept(self, visitor: Visitor, case: CaseRecord, typed: FormInput) -> str:
        """Keep what an open page sends by itself, and return what it says: "kept", "not-kept", "away"."""
        try:
            waiting = await self.signing.find(visitor, case, typed)
            is_kept = waiting is not None and not typed.errors and await self.signing.keep(waiting, typed)
        except TransientError as exc:
            log.warning("an answer to sign is not kept for now", case_id=case.case_id, error=str(exc))
            return "away"
        except (ErasedError, UnopenableError) as exc:
            raise NotFoundError from exc
        return "kept" if is_kept else "not-kept"

    async def send_back(self, request: Request, reference: str) -> Response:
        """Give it back to its author, with a reason."""
        visitor, form = await self.gate.visitor_and_form(request, keeps="text")
        case, typed = await self.cases.find_whole(visitor, reference, *SIGNING), signing_input(form, sends_back=True)
        return await self._done(request, visitor, case, typed, "send-back")

    async def _done(
        self, request: Request, visitor: Visitor, case: CaseRecord, typed: FormInput, what: str
    ) -> Response:
        if typed.errors:
            return await self.pages.case_again(request, visitor, case, typed, 422)
        try:
            waiting = await self.signing.find(visitor, case, typed)
            if waiting is None:
                return await self._changed(request, visitor, case, typed)
            keeps = what == "keep"
            is_done = await (
                self.signing.keep(waiting, typed) if keeps else self.signing.send_back(visitor, waiting, typed)
            )
        except TransientError as exc:
            return await self._away(request, visitor, case, typed, exc)
        except (ErasedError, UnopenableError) as exc:
            raise NotFoundError from exc
        if not is_done:
            return await self._changed(request, visitor, case, typed)
        return RedirectResponse(f"/demandes/{case.reference}#{'a-signer' if keeps else 'fil'}", 303)

    async def sign(self, request: Request, reference: str) -> Response:
        """Sign it and let it leave."""
        visitor, form = await self.gate.visitor_and_form(request, keeps="text")
        typed = signing_input(form)
        acts = (*SIGNING, *((CaseAct.CLOSE,) if typed.then == "close" else ()))
        case = await self.cases.find_whole(visitor, reference, *acts)
        if typed.errors:
            return await self.pages.case_again(request, visitor, case, typed, 422)
        try:
            waiting = await self.signing.find(visitor, case, typed)
            if waiting is None or waiting.once not in {typed.once, typed.replaces}:
                return await self._changed(request, visitor, case, typed)
            typed = replace(typed, asks=waiting.asks)  # as it was submitted
            judged = await self.judge.judge(visitor, case, typed)
        except TransientError as exc:
            return await self._away(request, visitor, case, typed, exc)
        if judged.typed.errors:
            return await self.pages.case_again(request, visitor, case, judged.typed, 422)
        reply = reply_command(visitor, case, judged.answer, self.ports, closes=typed.then == "close")
        reply = reply.model_copy(update={"drafted_by": waiting.author})
        then = behind_answer(visitor, case, typed, judged.comes_back_on, self.ports)
        return await self.leaving.send(request, visitor, case, typed, judged.answer.text, reply, then, waiting)

    async def _changed(self, request: Request, visitor: Visitor, case: CaseRecord, typed: FormInput) -> Response:
        """Show what became of it meanwhile; what its signer typed is below."""
        again = replace(typed, problem=CHANGED, replaces="")
        return await self.pages.case_again(request, visitor, case, again, 409)

    async def _away(
        self, request: Request, visitor: Visitor, case: CaseRecord, typed: FormInput, exc: TransientError
    ) -> Response:
        log.warning("nothing done about an answer to sign for now", case_id=case.case_id, error=str(exc))
        return await self.pages.case_again(request, visitor, case, replace(typed, problem="away"), 503)


def sign_routes(pages: SignPages) -> APIRouter:
    """Return the routes of answers that wait to be signed."""
    routes = APIRouter()
    routes.add_api_route("/demandes/{reference}/signature", pages.submit, methods=["POST"])
    routes.add_api_route("/demandes/{reference}/signature/reprise", pages.withdraw, methods=["POST"])
    routes.add_api_route("/demandes/{reference}/a-signer", pages.sign, methods=["POST"])
    routes.add_api_route("/demandes/{reference}/a-signer/texte", pages.keep, methods=["POST"])
    routes.add_api_route("/demandes/{reference}/a-signer/renvoi", pages.send_back, methods=["POST"])
    return routes
