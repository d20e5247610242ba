"""The sealed file of a request that was passed on: its passphrase, shown once, then the archive."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from agent_desk.domain.decisions.decision import new_once
from agent_desk.domain.decisions.form_input import FormInput, once_of, shown_of
from agent_desk.domain.transfer.passphrase import is_passphrase, new_passphrase
from agent_desk.domain.transfer.transfer_form import passed_on
from agent_desk.domain.visitor import Visitor
from agent_desk.entry.case_file_pages import CaseFilePages
from agent_desk.entry.case_frame import CaseFrame
from agent_desk.entry.session_gate import SessionGate
from agent_desk.entry.transfer_pages import PLACE
from agent_desk.handlers.cases.read_cases import ScopedCases
from agent_desk.handlers.transfer.hand_over import HandOver, TooMuchError
from agent_desk.handlers.transfer.sealed_archive import SealedArchive
from guichet.case.record import CaseRecord
from guichet.errors import TransientError
from guichet.law.calendar import paris_date
from guichet.rights.case_acts import CaseAct
from guichet.web.templates import language_of

log = structlog.get_logger()
_ACTS: Final = (CaseAct.ANSWER, CaseAct.EXPORT)


@dataclass(frozen=True)
class HandOverPages:
    """Gives archives to who may answer the case and export it. The passphrase is in the page alone."""

    frame: CaseFrame
    gate: SessionGate
    cases: ScopedCases
    documents: CaseFilePages
    handing: HandOver

    async def page(self, request: Request, reference: str) -> Response:
        """Return a new passphrase, and the button that makes the archive under it."""
        visitor = await self.gate.visitor(request)
        case = await self.cases.find_whole(visitor, reference, *_ACTS)
        return self._show(request, visitor, case, new_passphrase())

    async def give(self, request: Request, reference: str) -> Response:
        """Return the archive, once that it was made is noted."""
        visitor, form = await self.gate.visitor_and_form(request)
        case = await self.cases.find_whole(visitor, reference, *_ACTS)
        there, passphrase = passed_on(case), form.get("passphrase", "")
        if there is None or not is_passphrase(passphrase):
            return RedirectResponse(f"/demandes/{case.reference}/{PLACE}/dossier", 303)
        describe = partial(self.documents.document, visitor, language=language_of(request), with_notes=False)
        try:
            made = await self.handing.make(visitor, case, there, describe, passphrase)
            typed = FormInput(once_of(form), shown=shown_of(form))
            await self.handing.note(visitor, case, replace(typed, note=self._noted(made, str(there.to))))
        except TooMuchError:
            return self._show(request, visitor, case, passphrase, 422, problem="too-much")
        except TransientError as exc:
            log.warning("sealed file not made for now", case_id=case.case_id, error=str(exc))
            return self._show(request, visitor, case, passphrase, 503, problem="away")
        return Response(
            made.content,
            media_type="application/zip",
            headers={"Content-Disposition": f'attachment; filename="demande-{case.reference}.zip"'},
        )

    def _noted(self, made: SealedArchive, to: str) -> str:
        day = paris_date(self.gate.clock()).strftime("%d/%m/%Y")
        return (
            f"Dossier scellé établi le {day} pour : {to}. Fichiers joints : {made.files}."
            f" Empreinte SHA-256 de l’archive : {made.sha256}."
        )

    def _show(
        self,
        request: Request,
        visitor: Visitor,
        case: CaseRecord,
        passphrase: str,
        status: int = 200,
        problem: str | None = None,
    ) -> Response:
        return self.frame.page(
            request,
            "hand_over.html",
            visitor,
            status=status,
            reference=case.reference,
            place=PLACE,
            passed_on=passed_on(case),
            passphrase=passphrase,
            once=new_once(),
            shown=case.newest_said,
            problem=problem,
        )


def hand_over_routes(pages: HandOverPages) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()
    routes.add_api_route("/demandes/{reference}/" + PLACE + "/dossier", pages.page)
    routes.add_api_route("/demandes/{reference}/" + PLACE + "/dossier", pages.give, methods=["POST"])
    return routes
