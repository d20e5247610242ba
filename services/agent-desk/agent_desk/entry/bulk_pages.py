"""Many cases at once: what is ticked in a list is shown once more, begun, and followed until it is over."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from agent_desk.domain.bulk.bulk_form import BulkForm, bulk_form, errors_of
from agent_desk.domain.bulk.form_names import FORM_NAMES
from agent_desk.domain.bulk.progress import Progress
from agent_desk.domain.bulk.row_commands import came_to_nothing
from agent_desk.domain.bulk.selected import Selected, newly_left_out, ready
from agent_desk.domain.cases.case_query import read_query
from agent_desk.domain.cases.list_filters import Choosable
from agent_desk.domain.cases.listed_states import states_for
from agent_desk.domain.composer.doubts import as_read, doubts_about_many
from agent_desk.domain.composer.variables import VARIABLES, inserted, unknown
from agent_desk.domain.decisions.decision import new_once
from agent_desk.domain.errors import NotFoundError
from agent_desk.domain.visitor import Visitor
from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.bulk.begin import BulkStart
from agent_desk.handlers.bulk.follow import BulkFollow
from agent_desk.handlers.bulk.select_cases import CaseSelection
from agent_desk.handlers.composer.saved_answers import SavedAnswerShelf
from agent_desk.handlers.composer.write_answers import AnswerWriter
from agent_desk.handlers.work.absences import AbsenceBook
from guichet.errors import TransientError
from guichet.ids import BulkId
from guichet.store.bulk.acts import BulkKind, BulkState
from guichet.store.bulk.cases import MOST
from guichet.town.town import Town

log = structlog.get_logger()

HERE: Final = "/traitements"
CHANGES: Final = {
    "pause": (BulkState.RUNNING,),
    "reprise": (BulkState.PAUSED,),
    "annulation": (BulkState.RUNNING, BulkState.PAUSED),
}
_BECOMES: Final = {
    "pause": BulkState.PAUSED,
    "reprise": BulkState.RUNNING,
    "annulation": BulkState.CANCELLED,
}


@dataclass(frozen=True)
class BulkPages:
    """Nothing is given before it was shown. What is shown comes from CaseSelection: what lists show whole."""

    gate: SessionGate
    selection: CaseSelection
    start: BulkStart
    follow: BulkFollow
    absences: AbsenceBook
    shelf: SavedAnswerShelf
    writer: AnswerWriter
    choosable: Callable[[Visitor], Awaitable[Choosable]]  # to what their lists can be narrowed
    town: Town

    async def prepare(self, request: Request) -> Response:
        """Show what is ticked, what comes of it, and what is left out."""
        visitor, form = await self._form(request)
        if form is None:
            return RedirectResponse("/demandes", 303)
        return await self._shown(request, visitor, form, await self.selection.of(visitor, form))

    async def begin(self, request: Request) -> Response:
        """Begin it, and lead to where it is followed."""
        visitor, form = await self._form(request)
        if form is None:
            return RedirectResponse("/demandes", 303)
        if (there := await self.start.begun(visitor, form)) is not None:
            return RedirectResponse(f"{HERE}/{there}", 303)
        selected = await self.selection.of(visitor, form)
        chosen = ready(selected, despite=form.despite)
        errors = errors_of(form, frozenset(self.town.departments))
        if form.kind.answers and not errors and as_read(doubts_about_many(form.words, self.town)) != form.read:
            errors = ("doubtful",)
        if not errors and not await self.start.has_room(visitor):
            errors = ("too-many-acts",)
        if not errors and not chosen:
            errors = ("closing-guarded" if any(each.why is None for each in selected) else "nothing-left",)
        if not errors and newly_left_out(selected, form.told):
            errors = ("more-left-out",)
        if errors:
            return await self._shown(request, visitor, replace(form, errors=errors), selected, status=422)
        try:
            bulk = await self.start.begin(visitor, form, _said(chosen, form))
        except TransientError as exc:
            log.warning("bulk act not begun for now", error=str(exc))
            return await self._shown(request, visitor, replace(form, errors=("away",)), selected, status=503)
        return RedirectResponse(f"{HERE}/{bulk}", 303)

    async def own(self, request: Request) -> Response:
        """Return what the visitor has begun."""
        visitor = await self.gate.visitor(request)
        return self._page(request, "bulk_acts.html", visitor, acts=await self.follow.own(visitor))

    async def progress(self, request: Request, bulk: str) -> Response:
        """Return how far one of the visitor's own is."""
        return await self._progress(request, bulk, "bulk.html", await self.gate.visitor(request))

    async def live_progress(self, request: Request, bulk: str) -> Response:
        """Return the part of it that an open page fetches by itself."""
        return await self._progress(request, bulk, "bulk_part.html", await self.gate.onlooker(request))

    async def change(self, request: Request, bulk: str) -> Response:
        """Let it pause, go on, or end: what has left stays."""
        visitor, form = await self.gate.visitor_and_form(request)
        asked = form.get("etat", "")
        if asked not in CHANGES:
            raise NotFoundError
        await self.follow.change(visitor, BulkId(bulk), CHANGES[asked], _BECOMES[asked])
        return RedirectResponse(f"{HERE}/{bulk}", 303)

    async def _form(self, request: Request) -> tuple[Visitor, BulkForm | None]:
        """Return what the form says, with every case of the list where it asks for them."""
        visitor, fields = await self.gate.visitor_and_fields(request, keeps="words")
        form = bulk_form(fields, visitor.agent.agent_id)
        if form is None:
            return visitor, None
        if form.kind.answers and form.saved:
            saved = next(
                (each for each in await self.shelf.list_answers(visitor) if each.answer_id == form.saved), None
            )
            form = replace(form, words=inserted(form.words, saved.text, None)) if saved is not None else form
        if not form.whole_list:
            return visitor, form
        query = read_query(request.query_params, states_for(visitor.listed), await self.choosable(visitor))
        mine = await self.absences.whose_work(visitor.agent.agent_id)
        references, is_cut = await self.selection.references(visitor, query, mine)
        return visitor, replace(form, references=references, is_cut=is_cut)

    async def _shown(
        self, request: Request, visitor: Visitor, form: BulkForm, selected: tuple[Selected, ...], status: int = 200
    ) -> Response:
        chosen = ready(selected, despite=form.despite)
        return self._page(
            request,
            "bulk_form.html",
            visitor,
            status=status,
            form=replace(form, once=form.once if form.errors else new_once()),
            form_name=FORM_NAMES[form.kind],
            chosen=chosen,
            guarded=[each for each in selected if each.why is None and each.guards],
            left_out=[each for each in selected if each.why is not None],
            unseen=len(form.references) - len(selected),
            able=await self.selection.able(selected) if form.kind is BulkKind.ASSIGN else frozenset(),
            away=await self.absences.away(),
            most=MOST,
            asked_of=f"?{request.url.query}" if request.url.query else "",  # the list that one goes back to
            **(await self._answer(visitor, form, chosen) if form.kind.answers else {}),
        )

    async def _answer(self, visitor: Visitor, form: BulkForm, chosen: Sequence[Selected]) -> dict[str, Any]:
        """Return what the page shows of an answer. seen: as one citizen will see it, the first by default."""
        one = next((each for each in chosen if each.case.reference == form.seen_of), next(iter(chosen), None))
        shows = one is not None and form.words.strip()
        return {
            "doubts": (doubts := doubts_about_many(form.words, self.town)),
            "asked_read": as_read(doubts),
            "ways": Counter(each.channel for each in chosen),
            "saved_answers": await self.shelf.list_answers(visitor),
            "variables": list(VARIABLES),
            "unknown": unknown(form.words),
            "seen_of": one,
            "seen": self.writer.preview(one.row, one.to, one.words, one.row.subject) if one and shows else None,
        }

    async def _progress(self, request: Request, bulk: str, template: str, visitor: Visitor) -> Response:
        progress: Progress = await self.follow.progress(visitor, BulkId(bulk))
        words = {} if progress.moves else await self.follow.words(visitor, progress)
        given_back = {row.row_id: came_to_nothing(progress.act, row) for row in progress.refused}
        return self._page(request, template, visitor, progress=progress, words=words, given_back=given_back)

    def _page(self, request: Request, template: str, visitor: Visitor, status: int = 200, **values: Any) -> Response:
        return self.gate.page(
            request,
            template,
            visitor=visitor,
            status=status,
            departments=self.town.departments,
            agents=visitor.colleagues,
            **values,
        )


def _said(chosen: Sequence[Selected], form: BulkForm) -> list[Selected]:
    """Return the cases with what is said in each: an answer is written for each, a word to colleagues for all."""
    if form.kind.answers:
        return list(chosen)
    return [replace(each, words=form.words.strip()) for each in chosen]


def bulk_routes(pages: BulkPages) -> APIRouter:
    """Return the routes of what is done with many cases."""
    routes = APIRouter()
    routes.add_api_route(HERE, pages.own)
    routes.add_api_route(HERE, pages.begin, methods=["POST"])
    routes.add_api_route(f"{HERE}/apercu", pages.prepare, methods=["POST"])
    routes.add_api_route(HERE + "/{bulk}", pages.progress)
    routes.add_api_route(HERE + "/{bulk}/suivi", pages.live_progress)
    routes.add_api_route(HERE + "/{bulk}/etat", pages.change, methods=["POST"])
    return routes
