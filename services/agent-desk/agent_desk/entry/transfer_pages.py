"""A request that is passed on to another administration: to whom, the letter to the person. What was typed is kept."""

from dataclasses import dataclass, replace
from typing import Any

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from agent_desk.domain.cases.answer_addresses import Sending
from agent_desk.domain.composer.signature import signed
from agent_desk.domain.decisions.decision import new_once
from agent_desk.domain.errors import NotFoundError
from agent_desk.domain.transfer.letter import transfer_letter
from agent_desk.domain.transfer.transfer_form import TransferForm, is_announced, is_under_way, passed_on, transfer_form
from agent_desk.domain.typed_day import typed_day
from agent_desk.domain.visitor import Visitor
from agent_desk.entry.case_frame import CaseFrame
from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.cases.await_outcome import Outcome
from agent_desk.handlers.cases.decide import close_case
from agent_desk.handlers.cases.read_cases import ScopedCases
from agent_desk.handlers.composer.write_answers import AnswerWriter
from agent_desk.handlers.transfer.pass_on import PassOn
from guichet.case.record import CaseRecord
from guichet.contracts.case_events import CaseState
from guichet.contracts.legal_facts import FactKind
from guichet.errors import ErasedError, TransientError
from guichet.ids import derive_id
from guichet.law.calendar import paris_date
from guichet.rights.case_acts import CaseAct
from guichet.town.town import Town

log = structlog.get_logger()
PLACE = "autre-administration"


@dataclass(frozen=True)
class TransferPages:
    """Shows the form, then the letter, and takes what was seen (docs/decisions/0099)."""

    frame: CaseFrame
    gate: SessionGate
    cases: ScopedCases
    passing: PassOn
    writer: AnswerWriter
    town: Town

    async def page(self, request: Request, reference: str) -> Response:
        """Return the form; of a case that was passed on, to whom and what is still to be done."""
        visitor = await self.gate.visitor(request)
        case = await self.cases.find_whole(visitor, reference, CaseAct.ANSWER)
        there, today = passed_on(case), paris_date(self.gate.clock()).isoformat()
        day = paris_date(there.at).isoformat() if there is not None else today
        to = str(there.to) if there is not None else ""
        return await self._show(request, visitor, case, TransferForm(new_once(), case.newest_said, to, day))

    async def pass_on(self, request: Request, reference: str) -> Response:
        """Show the letter; once it was seen, pass the request on, let the letter leave, close the case if asked."""
        visitor, form = await self.gate.visitor_and_form(request, keeps="words")
        acts = (CaseAct.ANSWER, *((CaseAct.CLOSE,) if form.get("closes") == "oui" else ()))
        case = await self.cases.find_whole(visitor, reference, *acts)
        if is_announced(case) or is_under_way(case):  # its form was sent twice, or a colleague was quicker
            return RedirectResponse(f"/demandes/{case.reference}/{PLACE}", 303)
        typed = self._checked(case, transfer_form(form, case.received_at, self.gate.clock()))
        if typed.errors:
            return await self._show(request, visitor, case, typed, 422)
        try:
            letter, sending = await self._letter(visitor, case, typed)
            if typed.seen != _mark(letter, sending):
                return await self._show(request, visitor, case, typed, 200, asked=True)
            refused = await self._given(visitor, case, typed, letter, sending)
        except TransientError as exc:
            log.warning("transfer not taken for now", case_id=case.case_id, error=str(exc))
            return await self._show(request, visitor, case, replace(typed, problem="away"), 503)
        except ErasedError as exc:
            raise NotFoundError from exc
        if refused is not None:
            now = await self.cases.find_whole(visitor, reference, *acts)
            again = replace(typed, once=new_once(), shown=now.newest_said, seen="", refused=refused)
            return await self._show(request, visitor, now, again, 409)
        return RedirectResponse(f"/demandes/{case.reference}/{PLACE}?fait=oui", 303)

    async def _given(
        self, visitor: Visitor, case: CaseRecord, typed: TransferForm, letter: str, sending: Sending | None
    ) -> str | None:
        """Give the commands in turn, as far as none is refused; return why one was."""
        day, stated_on = typed_day(typed.day), typed_day(typed.stated_on)
        assert day is not None  # it was checked
        outcome = Outcome(is_decided=True)
        if passed_on(case) is None:
            outcome = await self.passing.state(visitor, case, typed, FactKind.TRANSFERRED, day, typed.authority)
        if outcome.refused is None and sending is not None:
            return (await self.passing.send(visitor, case, typed, letter, sending)).refused
        if outcome.refused is None and stated_on is not None:
            outcome = await self.passing.state(visitor, case, typed, FactKind.TRANSFER_ANNOUNCED, stated_on)
        if outcome.refused is None and typed.closes:
            await close_case(visitor, case, sheet=typed.sheet, ports=self.passing.ports)
        return outcome.refused

    def _checked(self, case: CaseRecord, typed: TransferForm) -> TransferForm:
        """Return what was typed, with what a case and its town say; of a transfer that stands, authority and day."""
        errors, there = dict(typed.errors), passed_on(case)
        if there is not None:
            errors.pop("day", None)
            typed = replace(typed, authority=str(there.to), day=paris_date(there.at).isoformat())
        elif typed.authority not in self.town.authorities:
            errors["authority"] = "none"
        if "day" not in errors and "stated_on" not in errors and typed.stated_on:
            day, stated_on = typed_day(typed.day), typed_day(typed.stated_on)
            if day is not None and stated_on is not None and stated_on < day:
                errors["stated_on"] = "before"
        return replace(typed, errors=errors)

    async def _letter(self, visitor: Visitor, case: CaseRecord, typed: TransferForm) -> tuple[str, Sending | None]:
        """Return the letter, signed, and where it goes; a blank while authority or day lack. Raises TransientError."""
        day, authority = typed_day(typed.day), self.town.authorities.get(typed.authority)
        if day is None or authority is None:
            return "", None
        words = transfer_letter(case, self.town, authority, day, typed.words).text
        sending = await self.passing.sending(visitor, case, words)
        to = sending.now if sending is not None else None
        return signed(words, self.writer.signature(visitor, case, to)), sending

    async def _show(
        self,
        request: Request,
        visitor: Visitor,
        case: CaseRecord,
        typed: TransferForm,
        status: int = 200,
        *,
        asked: bool = False,
    ) -> Response:
        """Render the page; once an authority and a day are sound, with the letter as the person will read it."""
        there, letter, sending = passed_on(case), "", None
        if not typed.errors and typed.problem is None:  # else it was away a moment ago
            letter, sending = await self._letter(visitor, case, typed)
        values: dict[str, Any] = {
            "reference": case.reference,
            "place": PLACE,
            "authorities": self.town.authorities,
            "typed": typed,
            "passed_on": there,
            "announced": is_announced(case),
            "leaves": is_under_way(case),
            "text": letter,
            "seen": _mark(letter, sending),
            "goes_by": self.writer.channel(case, sending.now) if sending is not None else None,
            "asked": asked,
            "may_close": visitor.scope.may(CaseAct.CLOSE, case) and case.state is not CaseState.CLOSED,
            "may_export": visitor.scope.may(CaseAct.EXPORT, case),
            "done": request.query_params.get("fait") == "oui",
        }
        return self.frame.page(request, "transfer.html", visitor, status=status, **values)


def _mark(letter: str, sending: Sending | None) -> str:
    """Return what a form says of the letter that its page showed, and of where it goes."""
    if not letter:
        return ""
    to = sending.now.address.value if sending is not None and sending.now is not None else ""
    return derive_id("transfer-letter", letter, to)


def transfer_routes(pages: TransferPages) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()
    routes.add_api_route("/demandes/{reference}/" + PLACE, pages.page)
    routes.add_api_route("/demandes/{reference}/" + PLACE, pages.pass_on, methods=["POST"])
    return routes
