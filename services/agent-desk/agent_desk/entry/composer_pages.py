"""The composer beside its sending: an answer is kept while it is written, and thrown away."""

from dataclasses import dataclass, replace

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from agent_desk.domain.composer.variables import filled, inserted
from agent_desk.domain.decisions.form_input import FormInput, caret_of, reply_input
from agent_desk.domain.errors import NotFoundError
from agent_desk.domain.visitor import Visitor
from agent_desk.entry.case_pages import CasePages
from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.cases.read_cases import ScopedCases
from agent_desk.handlers.composer.case_facts import CaseFactsReader
from agent_desk.handlers.composer.keep_drafts import DraftKeeper
from agent_desk.handlers.composer.saved_answers import SavedAnswerShelf
from agent_desk.handlers.composer.write_answers import AnswerWriter
from agent_desk.handlers.live.presence_board import PresenceBoard
from guichet.case.record import CaseRecord
from guichet.errors import ErasedError, TransientError
from guichet.rights.case_acts import CaseAct

log = structlog.get_logger()


@dataclass(frozen=True)
class ComposerPages:
    """Keeps drafts for an open page, which asks by itself while its agent types, or for who presses the button."""

    gate: SessionGate
    pages: CasePages
    cases: ScopedCases
    drafts: DraftKeeper
    writer: AnswerWriter
    shelf: SavedAnswerShelf
    board: PresenceBoard
    facts: CaseFactsReader

    async def keep(self, request: Request, reference: str) -> Response:
        """Keep what is typed."""
        visitor, form = await self.gate.visitor_and_form(request, keeps="text")
        case, typed = await self.cases.find_whole(visitor, reference, CaseAct.ANSWER), reply_input(form)
        said = await self.kept(visitor, case, typed)
        if request.headers.get("HX-Request"):
            if said == "kept":  # while one types; what a page that goes sends says that nobody does any more
                await self.board.types(case.case_id, visitor.agent.agent_id)
            return self.gate.page(request, "composer_kept.html", visitor=visitor, said=said)
        if said == "away":
            raise TransientError("the draft is not kept for now")
        return RedirectResponse(f"/demandes/{case.reference}#titre-reponse", 303)

    async def throw_away(self, request: Request, reference: str) -> Response:
        """Let nothing be left of it."""
        visitor, form = await self.gate.visitor_and_form(request, keeps="text")
        case, typed = await self.cases.find_whole(visitor, reference, CaseAct.ANSWER), reply_input(form)
        try:
            await self.drafts.end(visitor, case, typed)
        except ErasedError as exc:
            raise NotFoundError from exc
        return RedirectResponse(f"/demandes/{case.reference}#titre-reponse", 303)

    async def insert(self, request: Request, reference: str) -> Response:
        """Put a saved answer into the text, filled in for this case, and lead back to it."""
        visitor, form = await self.gate.visitor_and_form(request, keeps="text")
        case, typed = await self.cases.find_whole(visitor, reference, CaseAct.ANSWER), reply_input(form)
        saved = next(
            (
                each
                for each in await self.shelf.for_case(visitor, case.department)
                if each.answer_id == form.get("saved")
            ),
            None,
        )
        if saved is not None:
            view = await self.cases.read_case(visitor, case)
            words = filled(saved.text, self.facts.of(visitor, view))
            typed = replace(typed, text=inserted(typed.text, words, caret_of(form)))
        if await self.kept(visitor, case, typed) == "kept":
            return RedirectResponse(f"/demandes/{case.reference}#text", 303)
        return await self.pages.case_again(request, visitor, case, replace(typed, errors=()), 200)

    async def preview(self, request: Request, reference: str) -> Response:
        """Show the answer as its citizen will see it: beside the text, or on a page of its own without JavaScript."""
        visitor, form = await self.gate.visitor_and_form(request, keeps="text")
        case, typed = await self.cases.find_whole(visitor, reference, CaseAct.ANSWER), reply_input(form)
        await self.kept(visitor, case, typed)
        files = await self.drafts.files.shown(visitor, case)
        view = await self.cases.read_case(visitor, case)
        to, came_on = view.goes_to(typed.way), view.answer.channel if view.answer is not None else case.channel
        words = self.writer.words(visitor, case, to, typed)
        seen = self.writer.preview(case, to, words, view.row.subject, len(files), came_on)
        template = "composer_seen.html" if request.headers.get("HX-Request") else "composer_preview.html"
        return self.gate.page(request, template, visitor=visitor, seen=seen, files=files, reference=case.reference)

    async def kept(self, visitor: Visitor, case: CaseRecord, typed: FormInput) -> str:
        """Keep it, and return what the page says: "kept", "not-kept", "away"."""
        try:
            return "kept" if await self.drafts.keep(visitor, case, typed) else "not-kept"
        except TransientError as exc:
            log.warning("draft not kept for now", case_id=case.case_id, error=str(exc))
            return "away"
        except ErasedError as exc:
            raise NotFoundError from exc


def composer_routes(composer: ComposerPages) -> APIRouter:
    """Return the routes of the composer."""
    routes = APIRouter()
    routes.add_api_route("/demandes/{reference}/brouillon", composer.keep, methods=["POST"])
    routes.add_api_route("/demandes/{reference}/apercu", composer.preview, methods=["POST"])
    routes.add_api_route("/demandes/{reference}/reponse-type", composer.insert, methods=["POST"])
    routes.add_api_route("/demandes/{reference}/brouillon/retrait", composer.throw_away, methods=["POST"])
    return routes
