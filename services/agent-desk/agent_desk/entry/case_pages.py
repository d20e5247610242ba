"""The list of cases and one case: whole pages, and the parts that live updates fetch again."""

from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse

from agent_desk.domain.cases.case_query import read_query
from agent_desk.domain.cases.case_view import CaseView
from agent_desk.domain.cases.list_filters import Choosable, choosable
from agent_desk.domain.cases.listed_states import states_for
from agent_desk.domain.cases.story import read_cursor
from agent_desk.domain.cases.unread import first_unread
from agent_desk.domain.cases.what_is_listed import what_is_listed
from agent_desk.domain.composer.drafts_shown import NONE, with_draft
from agent_desk.domain.composer.signature import unsigned
from agent_desk.domain.decisions.closing_guards import closing_guards
from agent_desk.domain.decisions.decision import new_once
from agent_desk.domain.decisions.form_input import FormInput
from agent_desk.domain.decisions.given_command import KINDS, GivenCommand
from agent_desk.domain.decisions.newer_moments import newer_moments, restored_input
from agent_desk.domain.errors import CallerOwedError
from agent_desk.domain.visitor import Visitor
from agent_desk.domain.work.absence import whose_work
from agent_desk.domain.work.saved_view_form import LONGEST_NAME, OWN
from agent_desk.domain.work.saved_view_link import SavedViewLink, link_to
from agent_desk.domain.work.views import View
from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.cases.await_outcome import Outcomes
from agent_desk.handlers.cases.export_list import ListExport
from agent_desk.handlers.cases.read_cases import ScopedCases
from agent_desk.handlers.cases.read_marks import Reading
from agent_desk.handlers.cases.recognise_caller import Callers
from agent_desk.handlers.composer.keep_drafts import DraftKeeper
from agent_desk.handlers.composer.saved_answers import SavedAnswerShelf
from agent_desk.handlers.composer.write_answers import AnswerWriter
from agent_desk.handlers.live.live_feed import LiveFeed
from agent_desk.handlers.work.absences import AbsenceBook
from agent_desk.handlers.work.assignees import Assignees
from agent_desk.handlers.work.saved_views import SavedViewBook
from guichet.case.record import CaseRecord
from guichet.law.calendar import paris_date
from guichet.rights.case_acts import CaseAct
from guichet.town.town import Town

EXPORT = "export.csv"
SCREEN, WIDE = "ecran", "large"  # by this cookie a browser says that a list has room beside a case (desk.js)
BESIDE = "a-cote"  # so asks a list that stands beside a case
_WITH_COMPOSER = frozenset({"case.html", "composer_part.html"})
SEEN = "lu"  # up to which message the page's reader had read the case, when it was opened
OLDER = "avant"  # the address's word for the cursor of an older page of the story


@dataclass(frozen=True, kw_only=True)
class CasePages:
    """Shows cases. Everything shown comes from ScopedCases, hence within the visitor's scope and noted."""

    gate: SessionGate
    cases: ScopedCases
    exports: ListExport
    reading: Reading
    views: SavedViewBook
    assignees: Assignees
    callers: Callers
    absences: AbsenceBook
    drafts: DraftKeeper
    shelf: SavedAnswerShelf
    writer: AnswerWriter
    feed: LiveFeed
    outcomes: Outcomes
    town: Town

    async def list_page(self, request: Request) -> Response:
        """Return the list."""
        return await self._list(request, "cases.html", await self.gate.visitor(request))

    async def live_list(self, request: Request) -> Response:
        """Return the part of the list that an open page fetches by itself."""
        return await self._list(request, "case_list_part.html", await self.gate.onlooker(request))

    async def _list(self, request: Request, template: str, visitor: Visitor) -> Response:
        values = await self._listed(request, visitor, beside=request.query_params.get(BESIDE) == "oui")
        if template == "cases.html":
            values |= await self._saved(visitor)
        outcome_values, of = await self._outcome_values(request), request.query_params.get("de")
        if template == "cases.html":
            values["refused"] = await self.drafts.refused(visitor)
            values["called"] = await self.cases.references_of(visitor, values["refused"]) if values["refused"] else {}
        return self._page(request, template, visitor, of=of, **values, **outcome_values)

    async def _listed(self, request: Request, visitor: Visitor, *, beside: bool) -> dict[str, Any]:
        """Return what a list shows, as the address asks for it. beside: it stands beside a case."""
        states, position = states_for(visitor.listed), self.feed.position
        may_choose, away = await self.choosable(visitor), await self.absences.away()
        query, mine = read_query(request.query_params, states, may_choose), whose_work(visitor.agent.agent_id, away)
        page = await self.cases.list_cases(visitor, query, mine)
        shown = {"query": query, "page": page, "listed": what_is_listed(visitor), "away": away, "mine": mine}
        return {**shown, "may_choose": may_choose, "position": position, "beside": beside}

    async def saved(self, visitor: Visitor) -> list[SavedViewLink]:
        """Return the visitor's saved views, each with the address of its list."""
        states, may_choose = states_for(visitor.listed), await self.choosable(visitor)
        return [link_to(each, states, may_choose) for each in await self.views.list_views(visitor)]

    async def _saved(self, visitor: Visitor) -> dict[str, Any]:
        """Return what a list shows of saved views, and what the form that keeps one says."""
        return {"saved": await self.saved(visitor), "own": OWN, "longest_view_name": LONGEST_NAME}

    async def choosable(self, visitor: Visitor) -> Choosable:
        """Return to what the visitor's lists can be narrowed."""
        agents = await self.assignees.within(visitor.listed)
        return choosable(visitor, self.town.procedures, self.town.facts, agents)

    async def _beside(self, request: Request, visitor: Visitor) -> dict[str, Any]:
        """Return the list that stands beside a case; nothing on a narrow screen, or where the page has it already."""
        if request.cookies.get(SCREEN) != WIDE or "HX-Request" in request.headers:
            return {"page": None, "away": await self.absences.away()}
        return {**await self._listed(request, visitor, beside=True), **await self._saved(visitor)}

    async def export(self, request: Request) -> Response:
        """Return the list as a file. For who may export nothing it is an address like any that there is not."""
        visitor = await self.gate.visitor(request)
        if not visitor.may_export:
            await self.cases.find_case(visitor, EXPORT)
        mine = await self.absences.whose_work(visitor.agent.agent_id)
        query = read_query(request.query_params, states_for(visitor.listed), await self.choosable(visitor))
        wanted = query.filter_for(visitor, mine)
        name = f"demandes-{paris_date(self.exports.clock())}.csv"
        return StreamingResponse(
            await self.exports.begin(visitor, wanted, unread=query.view is View.UNREAD),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

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
        position, outcome_values = self.feed.position, await self._outcome_values(request)
        case = await self.cases.find_case(visitor, reference)
        if visitor.owes_caller(case):
            if template == "case.html":
                return self._ask_caller(request, visitor, case)
            raise CallerOwedError(case.reference)
        if visitor.scope.detail_of(case) == "synthesis":
            return await self._synthesis(request, template, visitor, case, position)
        if visitor.owes_reason(case) and template == "case.html":
            return await self._ask_reason(request, visitor, case)
        view = await self.cases.read_case(visitor, case, read_cursor(request.query_params.get(OLDER)))
        seen = await self._seen(request, visitor, case, template)
        given, outcome = outcome_values["given"], outcome_values["outcome"]
        typed = FormInput(new_once(), shown=request.query_params.get("shown"))
        if view.cursor:  # an older page shows nothing of what has come since the newest one was looked at
            view = replace(view, shown=typed.shown or "")
        if outcome is not None and outcome.refused is not None:
            typed = restored_input(view.story, given, outcome.refused)
        composer = await self._composer(visitor, case) if template in _WITH_COMPOSER else {"drafts": NONE}
        typed = with_draft(typed, composer["drafts"].own)
        around = await self._around(request, template, visitor, case)
        values = {**around, **composer, **outcome_values, "position": position, "seen": seen}
        return self.show(request, template, visitor, view, typed, **values)

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
        beside = await self._beside(request, visitor) if whole else {"away": await self.absences.away()}
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
        return self._page(
            request, "caller.html", visitor, status=status, reference=case.reference, gives=gives, refused=status != 200
        )

    async def _ask_reason(self, request: Request, visitor: Visitor, case: CaseRecord, status: int = 200) -> Response:
        """Ask why an agent opens a case, of which they are shown what lists tell: of a sensitive one nothing."""
        shown = None if visitor.is_told_nothing(case) else await self.cases.read_synthesis(visitor, case)
        return self._page(
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
        return self._page(request, of_the_same[template], visitor, synthesis=shown, position=position)

    async def outcome(self, request: Request) -> Response:
        """Return the line that says what became of a command, which an open page fetches by itself.

        It names no case: whoever knows a command's id has given it.
        """
        visitor = await self.gate.onlooker(request)
        return self._page(
            request, "outcome.html", visitor, of=request.query_params.get("de"), **await self._outcome_values(request)
        )

    async def _outcome_values(self, request: Request) -> dict[str, Any]:
        """Return what the page says about the command that its address names. done: of which kind one was taken."""
        done, given = request.query_params.get("fait"), GivenCommand.read(request.query_params.get("suite"))
        outcome = await self.outcomes.of(given.command) if given else None
        if given and outcome is not None and outcome.is_decided and outcome.refused is None:
            done = given.kind
        return {"done": done if done in KINDS else None, "given": given, "outcome": outcome}

    async def case_again(
        self, request: Request, visitor: Visitor, case: CaseRecord, typed: FormInput, status: int
    ) -> Response:
        """Return a case with its forms as they were sent, because a command was not taken.

        Whoever has made sure who wrote is told the names of those it may be.
        """
        position = self.feed.position
        now = await self.cases.find_whole(visitor, case.reference)
        view = await self.cases.read_case(visitor, now, naming=typed.checked)
        around = await self._around(request, "case.html", visitor, now)
        values = {**around, **await self._composer(visitor, now), "position": position}
        return self.show(request, "case.html", visitor, view, typed, status=status, **values)

    async def _composer(self, visitor: Visitor, case: CaseRecord) -> dict[str, Any]:
        """Return what the composer shows beside the case; nothing to who does not answer it."""
        guards = closing_guards(case, self.town)
        if not visitor.scope.may(CaseAct.ANSWER, case):
            return {"drafts": NONE, "saved_answers": (), "guards": guards}
        return {
            "guards": guards,
            "drafts": await self.drafts.of_case(visitor, case),
            "saved_answers": await self.shelf.for_case(visitor, case.department),
        }

    def show(
        self, request: Request, template: str, visitor: Visitor, view: CaseView, typed: FormInput, **values: Any
    ) -> Response:
        """Render a case."""
        signature = self.writer.signature(visitor, view.row, view.answer)
        if typed.signed and typed.text:  # it may come back as it was to leave
            typed = replace(typed, text=unsigned(typed.text, signature))
        if request.query_params.get("trop-tard") and typed.problem is None:
            typed = replace(typed, problem="too-late")
        news = newer_moments(view.story, view.newest, typed.shown, visitor.agent.agent_id)
        outcome_values = {"done": None, "given": None, "outcome": None, "seen": None, "signature": signature, **values}
        outcome_values["unread"] = first_unread(view.story, outcome_values["seen"])
        return self._page(request, template, visitor, view=view, typed=typed, news=news, **outcome_values)

    def _page(self, request: Request, template: str, visitor: Visitor, **values: Any) -> Response:
        return self.gate.page(
            request,
            template,
            visitor=visitor,
            departments=self.town.departments,
            procedures=self.town.procedures,
            agents=visitor.colleagues,
            capacities=visitor.capacities,
            abuse_days=max(1, self.town.abuse_lasts.days),
            **values,
        )


def case_routes(pages: CasePages) -> APIRouter:
    """Return the routes for reading."""
    routes = APIRouter()

    routes.add_api_route("/demandes", pages.list_page)
    routes.add_api_route("/demandes/liste", pages.live_list)
    routes.add_api_route("/demandes/suite", pages.outcome)
    routes.add_api_route(f"/demandes/{EXPORT}", pages.export)
    routes.add_api_route("/demandes/{reference}", pages.case_page)
    routes.add_api_route("/demandes/{reference}/fil", pages.live_case)
    routes.add_api_route("/demandes/{reference}/appelant", pages.recognise_caller, methods=["POST"])
    routes.add_api_route("/demandes/{reference}/non-lue", pages.put_aside, methods=["POST"])
    routes.add_api_route("/demandes/{reference}/motif", pages.give_reason, methods=["POST"])
    return routes
