"""A case as one document to keep or to print: with its history and pictures of its files, for who may export it."""

from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request, Response

from agent_desk.domain.case_file.blocks import MOST_STREETS, blocks_of
from agent_desk.domain.places.newest_placed import newest_placed
from agent_desk.domain.visitor import Visitor
from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.case_file.case_document import CaseDocument
from agent_desk.handlers.case_file.gather_case import CaseFiles, GatheredCase
from guichet.law.calendar import paris_date
from guichet.town.town import Town
from guichet.web.templates import language_of

_NOTES: Final = "notes"


@dataclass(frozen=True)
class CaseFilePages:
    """Gives cases as PDF."""

    gate: SessionGate
    files: CaseFiles
    town: Town

    async def give(self, request: Request, reference: str) -> Response:
        """Return a case as PDF; internal notes are in it where the address asks for them."""
        visitor, with_notes = await self.gate.visitor(request), request.query_params.get(_NOTES) == "oui"
        language = language_of(request)

        def describe(gathered: GatheredCase) -> CaseDocument:
            return self.document(visitor, gathered, language=language, with_notes=with_notes)

        pdf = await self.files.make(visitor, reference, describe, with_notes=with_notes)
        return Response(
            pdf,
            media_type="application/pdf",
            headers={
                "Content-Disposition": f'attachment; filename="demande-{reference.upper()}.pdf"',
                "Content-Security-Policy": "sandbox; default-src 'none'",
            },
        )

    def document(self, visitor: Visitor, gathered: GatheredCase, *, language: str, with_notes: bool) -> CaseDocument:
        """Return what is typeset."""
        now = self.files.clock()
        html = self.gate.templates.render(
            "case_file.html",
            language,
            view=gathered.view,
            story=gathered.story,
            is_cut=gathered.is_cut,
            pictures=gathered.files,
            named=newest_placed(gathered.story, MOST_STREETS),
            left_out=gathered.left_out,
            with_notes=with_notes,
            visitor=visitor,
            now=now,
            departments=self.town.departments,
            procedures=self.town.procedures,
            agents=visitor.colleagues,
            capacities=visitor.capacities,
        )
        blocks = blocks_of(html)
        footer = f"{self.town.name} · {gathered.view.row.reference}"
        title = next((each.text for each in blocks if each.kind == "title"), footer)
        return CaseDocument(title, self.town.name, language, paris_date(now), footer, blocks, gathered.pictures)


def case_file_routes(pages: CaseFilePages) -> APIRouter:
    """Return the route."""
    routes = APIRouter()
    routes.add_api_route("/demandes/{reference}/dossier.pdf", pages.give)
    return routes
