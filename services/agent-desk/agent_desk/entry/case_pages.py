"""One case: whole pages, and the parts that live updates fetch again."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from agent_desk.domain.cases.case_view import CaseView
from agent_desk.domain.cases.destination import reason_against
from agent_desk.domain.cases.phone_numbers import numbers_of
from agent_desk.domain.cases.story import read_cursor
from agent_desk.domain.cases.unread import first_unread
from agent_desk.domain.composer.another_way import to_send_instead, written_anew
from agent_desk.domain.composer.attachments import carries_files
from agent_desk.domain.composer.drafts_shown import NONE, DraftShown, with_draft
from agent_desk.domain.composer.four_eyes import sends_alone, signs_of
from agent_desk.domain.composer.signature import unsigned
from agent_desk.domain.decisions.closing_guards import closing_guards
from agent_desk.domain.decisions.decision import new_once
from agent_desk.domain.decisions.form_input import FormInput
from agent_desk.domain.decisions.newer_moments import newer_moments, restored_input
from agent_desk.domain.errors import CallerOwedError
from agent_desk.domain.visitor import Visitor
from agent_desk.entry.case_frame import CaseFrame
from agent_desk.entry.case_list_pages import CaseListPages
from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.cases.read_cases import ScopedCases
from agent_desk.handlers.cases.read_marks import Reading
from agent_desk.handlers.cases.recognise_caller import Callers
from agent_desk.handlers.composer.keep_drafts import DraftKeeper
from agent_desk.handlers.composer.saved_answers import SavedAnswerShelf
from agent_desk.handlers.composer.write_answers import AnswerWriter
from agent_desk.handlers.live.live_feed import LiveFeed
from agent_desk.handlers.work.absences import AbsenceBook
from agent_desk.handlers.work.assignees import Assignees
from guichet.case.record import CaseRecord
from guichet.rights.case_acts import CaseAct
from guichet.town.town import Town

_WITH_COMPOSER = frozenset({"case.html", "composer_part.html"})
SEEN = "lu"  # up to which message the page's reader had read the case, when it was opened
INSTEAD = "reprise"  # the answer that failed, whose words go another way
OLDER = "avant"  # the address's word for the cursor of an older page of the story


@dataclass(frozen=True, kw_only=True)
class CasePages:
    """Shows cases. Everything shown comes from ScopedCases, hence within the visitor's scope and noted."""

    frame: CaseFrame
    lists: CaseListPages
    gate: SessionGate
    cases: ScopedCases
    reading: Reading
    assignees: Assignees
    callers: Callers
    absences: AbsenceBook
    drafts: DraftKeeper
    shelf: SavedAnswerShelf
    writer: AnswerWriter
    feed: LiveFeed
    town: Town

    async def case_page(self, request: Request, reference: str) -> Response:
        """Return a case."""
        return await self._case(request, reference, "case.html", await self.gate.visitor(request))

    async def live_case(self, request: Request, reference: str) -> Response:
        """Return the part of a case that an open page fetches by itself."""
        return await self._case(request, reference, "case_part.html", await self.gate.onlooker(request))

    async def composer_part(self, request: Request, visitor: Visitor, case: CaseRecord) -> Response:
        """Return the composer of a case that the visitor sees whole."""
        return await self._case(request, case.reference, "composer_part.html", visitor)

    async def _case(self, request: Request, reference: str, template: str, visitor: Visitor) -> Response:
        position, outcome_values = self.feed.position, await self.frame.outcome_values(request)
        case = await self.cases.find_case(visitor, reference)
        if visitor.owes_caller(case):
            if template == "case.html":
                return self._ask_caller(request, visitor, case)
            raise CallerOwedError(case.reference)
        if visitor.scope.detail_of(case) == "synthesis":
            return await self._synthesis(request, template, visitor, case, position)
        if visitor.owes_reason(case) and template == "case.html":
            return await self._ask_reason(request, visitor, case)
        view, composer, around = await asyncio.gather(
            self.cases.read_case(visitor, case, read_cursor(request.query_params.get(OLDER))),
            self._composer(visitor, case, template),
            self._around(request, template, visitor, case),
        )
        seen, visitor = await asyncio.gather(
            self._seen(request, visitor, case, template), self.gate.bar.opened(visitor, case)
        )
        given, outcome = outcome_values["given"], outcome_values["outcome"]
        typed = FormInput(new_once(), shown=request.query_params.get("shown"))
        if view.cursor:  # an older page shows nothing of what has come since the newest one was looked at
            view = replace(view, shown=typed.shown or "")
        if outcome is not None and outcome.refused is not None:
            typed = restored_input(view.story, given, outcome.refused)
        own: DraftShown | None = composer["drafts"].own
        failed = to_send_instead(view.story, request.query_params.get(INSTEAD))
        if failed is not None and template == "case.html":
            typed = written_anew(typed, failed, view.ways, own, self._unsigned(visitor, view))
        typed = with_draft(typed, own)
        values = {**around, **composer, **outcome_values, "position": position, "seen": seen}
        return self.show(request, template, visitor, view, typed, **values)

    def _unsigned(self, visitor: Visitor, view: CaseView) -> Callable[[str], str]:
        """Return what takes off the visitor's signature below an answer that went as it goes by itself."""
        signature = self.writer.signature(visitor, view.row, view.answer)
        return partial(unsigned, signature=signature)

    async def _seen(self, request: Request, visitor: Visitor, case: CaseRecord, template: str) -> str | None:
        """Return up to which message the visitor had read the case, and note that they are shown it now.

        A page that fetches its live part by itself says up to which it was when it was opened.
        """
        seen = request.query_params.get(SEEN) if template == "case_part.html" else None
        if template == "case.html":
            seen = await self.reading.seen(visitor, case)
        await self.reading.note(visitor, case)
        return seen

    async def put_aside(self, request: Request, reference: str) -> Response:
        """Mark a case as unread, and lead back to the list."""
        visitor, _ = await self.gate.visitor_and_form(request)
        await self.reading.put_aside(visitor, await self.cases.find_whole(visitor, reference))
        return RedirectResponse("/demandes", 303)

    async def _around(self, request: Request, template: str, visitor: Visitor, case: CaseRecord) -> dict[str, Any]:
        """Return what a page shows beside a case's story. able: whose work it may be."""
        whole = template == "case.html"
        beside = await self.lists.beside(request, visitor) if whole else {"away": await self.absences.away()}
        return {"able": await self.assignees.of(case), **beside}

    async def give_reason(self, request: Request, reference: str) -> Response:
        """Take the reason for which an agent opens a case, and lead to it."""
        visitor, form = await self.gate.visitor_and_form(request)
        case = await self.cases.find_to_open(visitor, reference)
        if (reason := form.get("reason", "")) not in self.town.staff.reasons:
            return await self._ask_reason(request, visitor, case, status=422)
        await self.cases.give_reason(visitor, case, reason)
        return RedirectResponse(f"/demandes/{case.reference}", 303)

    async def recognise_caller(self, request: Request, reference: str) -> Response:
        """Take what a caller said of themselves, and lead to the case if that is what it knows."""
        visitor, form = await self.gate.visitor_and_form(request)
        case = await self.cases.find_case(visitor, reference)
        if visitor.owes_caller(case) and not await self.callers.recognise(visitor, case, form.get("fact", "")):
            return self._ask_caller(request, visitor, case, status=422)
        return RedirectResponse(f"/demandes/{case.reference}", 303)

    def _ask_caller(self, request: Request, visitor: Visitor, case: CaseRecord, status: int = 200) -> Response:
        """Ask what a caller says of themselves; of the case nothing is shown but the reference that they gave."""
        gives = self.callers.gives
        return self.frame.page(
            request, "caller.html", visitor, status=status, reference=case.reference, gives=gives, refused=status != 200
        )

    async def _ask_reason(self, request: Request, visitor: Visitor, case: CaseRecord, status: int = 200) -> Response:
        """Ask why an agent opens a case, of which they are shown what lists tell: of a sensitive one nothing."""
        shown = None if visitor.is_told_nothing(case) else await self.cases.read_synthesis(visitor, case)
        return self.frame.page(
            request,
            "reason.html",
            visitor,
            status=status,
            reference=case.reference,
            synthesis=shown,
            reasons=self.town.staff.reasons,
        )

    async def _synthesis(
        self, request: Request, template: str, visitor: Visitor, case: CaseRecord, position: str
    ) -> Response:
        """Return what is shown of a case to whoever sees no more: the page, or its live part."""
        of_the_same = {"case.html": "synthesis.html", "case_part.html": "synthesis_part.html"}
        shown = await self.cases.read_synthesis(visitor, case)
        return self.frame.page(request, of_the_same[template], visitor, synthesis=shown, position=position)

    async def outcome(self, request: Request) -> Response:
        """Return the line that says what became of a command, which an open page fetches by itself.

        It names no case: whoever knows a command's id has given it.
        """
        visitor = await self.gate.onlooker(request)
        values = await self.frame.outcome_values(request)
        return self.frame.page(request, "outcome.html", visitor, of=request.query_params.get("de"), **values)

    async def case_again(
        self,
        request: Request,
        visitor: Visitor,
        case: CaseRecord,
        typed: FormInput,
        status: int,
        *,
        calling: bool = False,
    ) -> Response:
        """Return a case with its forms as they were sent, because a command was not taken.

        Whoever has made sure who wrote is told the names of those it may be. calling: they are shown whom to call.
        """
        position = self.feed.position
        now = await self.cases.find_whole(visitor, case.reference)
        view = await self.cases.read_case(visitor, now, naming=typed.checked)
        if calling:
            await self.cases.note_numbers(visitor, now)
        around = await self._around(request, "case.html", visitor, now)
        values = {**around, **await self._composer(visitor, now, "case.html"), "position": position}
        values["numbers"] = numbers_of(view.citizen, view.story) if calling else None
        return self.show(request, "case.html", visitor, view, typed, status=status, **values)

    async def _composer(self, visitor: Visitor, case: CaseRecord, template: str) -> dict[str, Any]:
        """Return what the composer shows beside the case; nothing to who does not answer it."""
        if template not in _WITH_COMPOSER:
            return {"drafts": NONE}
        guards = closing_guards(case, self.town, self.gate.clock())
        if not visitor.scope.may(CaseAct.ANSWER, case):
            return {"drafts": NONE, "saved_answers": (), "guards": guards}
        drafts, saved = await asyncio.gather(
            self.drafts.of_case(visitor, case), self.shelf.for_case(visitor, case.department)
        )
        theirs = (each for each in drafts.to_sign if signs_of(each.author, visitor.scope, case, self.town))
        return {
            "guards": guards,
            "drafts": drafts,
            "submits": not sends_alone(visitor.scope, case, self.town),
            "to_sign": next(theirs, None),
            "saved_answers": saved,
        }

    def show(
        self, request: Request, template: str, visitor: Visitor, view: CaseView, typed: FormInput, **values: Any
    ) -> Response:
        """Render a case."""
        to_sign: DraftShown | None = values.get("to_sign")
        refused = reason_against(view.answer, view.row.channel, self.town)
        goes_to = view.goes_to(view.ticked(typed.way or (to_sign.way if to_sign and not typed.text else ""), refused))
        signature = self.writer.signature(visitor, view.row, goes_to)
        if typed.signed and typed.text:  # it may come back as it was to leave
            typed = replace(typed, text=unsigned(typed.text, signature))
        if request.query_params.get("trop-tard") and typed.problem is None:
            typed = replace(typed, problem="too-late")
        to_sign_since = newer_moments(view.story, view.newest, to_sign.shown, to_sign.author) if to_sign else ()
        since = newer_moments(view.story, view.newest, typed.shown, visitor.agent.agent_id)
        outcome_values = {
            "done": None,
            "given": None,
            "outcome": None,
            "seen": None,
            "signature": signature,
            "numbers": None,
            **values,
        }
        outcome_values = {"submits": False, "to_sign": None, "to_sign_since": to_sign_since, **outcome_values}
        way, department = self.writer.channel(view.row, goes_to), view.row.department
        outcome_values["carries_files"] = carries_files(way, department, self.town)
        ways = (view.answer, *(each.to for each in view.ways))
        outcome_values["counted"] = self.writer.counted(visitor, view.row, ways)
        outcome_values["unread"] = first_unread(view.story, outcome_values["seen"])
        return self.frame.page(request, template, visitor, view=view, typed=typed, since=since, **outcome_values)


def case_routes(pages: CasePages) -> APIRouter:
    """Return the routes for reading one. Those of lists go before these."""
    routes = APIRouter()

    routes.add_api_route("/demandes/suite", pages.outcome)
    routes.add_api_route("/demandes/{reference}", pages.case_page)
    routes.add_api_route("/demandes/{reference}/fil", pages.live_case)
    routes.add_api_route("/demandes/{reference}/appelant", pages.recognise_caller, methods=["POST"])
    routes.add_api_route("/demandes/{reference}/non-lue", pages.put_aside, methods=["POST"])
    routes.add_api_route("/demandes/{reference}/motif", pages.give_reason, methods=["POST"])
    return routes
