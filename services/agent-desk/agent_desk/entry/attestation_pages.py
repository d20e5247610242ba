"""The attestation that silence accepted a request, for who asks for it (CRPA L232-3: docs/law.md 11)."""

from dataclasses import dataclass
from typing import Literal

from fastapi import APIRouter, Request, Response

from agent_desk.domain.composer.signature import ORDINARY
from agent_desk.domain.paper.accepted_by_silence import Accepted, NotAttested, accepted_by_silence
from agent_desk.domain.paper.letter_frame import address_lines, letterhead_of, place_of, recipient_text
from agent_desk.domain.paper.paper_form import PaperForm, paper_form
from agent_desk.domain.visitor import Visitor
from agent_desk.entry.case_frame import CaseFrame
from agent_desk.entry.paper_pages import printed
from agent_desk.entry.session_gate import SessionGate
from agent_desk.handlers.cases.read_cases import ScopedCases
from agent_desk.handlers.paper.paper_answers import PaperAnswers
from guichet.case.record import CaseRecord
from guichet.documents.attestation import Attestation
from guichet.documents.sheet import Sheet, Signature
from guichet.law.calendar import paris_date
from guichet.rights.case_acts import CaseAct
from guichet.town.town import Town

_NEEDED = ("applicant", "capacity")
_OPTIONAL = ("acts_for", "name", "language")


@dataclass(frozen=True)
class AttestationPages:
    """Makes attestations for who may sign answers of a case."""

    gate: SessionGate
    frame: CaseFrame
    cases: ScopedCases
    printing: PaperAnswers
    town: Town

    async def form(self, request: Request, reference: str) -> Response:
        """Return the form of an attestation, or why there is nothing to attest."""
        visitor = await self.gate.visitor(request)
        case, accepted = await self._found(visitor, reference)
        if isinstance(accepted, NotAttested):
            return self._page(request, visitor, case, accepted, PaperForm({}), 200)
        return self._page(request, visitor, case, accepted, await self._prefilled(visitor, case), 200)

    async def make(self, request: Request, reference: str) -> Response:
        """Return an attestation; nothing of what was typed is kept."""
        visitor, given = await self.gate.visitor_and_form(request)
        case, accepted = await self._found(visitor, reference)
        form = paper_form(given, needed=_NEEDED, optional=_OPTIONAL)
        if isinstance(accepted, NotAttested) or form.errors:
            return self._page(request, visitor, case, accepted, form, 422)
        attestation = self._attestation(case, accepted, form)
        pdf = await self.printing.typesetting.typeset(attestation.typescript())
        return printed(attestation.file_name, pdf)

    async def _found(self, visitor: Visitor, reference: str) -> tuple[CaseRecord, Accepted | NotAttested]:
        case = await self.cases.find_whole(visitor, reference, CaseAct.ANSWER, CaseAct.SIGN)
        await self.printing.note(visitor, case, "attestation")
        return case, accepted_by_silence(case, self.town, self.printing.clock())

    async def _prefilled(self, visitor: Visitor, case: CaseRecord) -> PaperForm:
        card, agent = await self.printing.card(case), visitor.agent
        department = self.town.department_or_fallback(case.department)
        return PaperForm(
            {
                "recipient": recipient_text(card),
                "applicant": (card.name if card is not None else None) or "",
                "name": "" if agent.anonymous else agent.name,
                "capacity": f"{agent.capacity or ORDINARY}, {department.name}",
            }
        )

    def _attestation(self, case: CaseRecord, accepted: Accepted, form: PaperForm) -> Attestation:
        department = self.town.department_or_fallback(case.department)
        sheet = Sheet(
            letterhead=letterhead_of(department, self.town.name),
            recipient=form.recipient,
            reference=case.reference,
            place=place_of(department, self.town.name),
            day=paris_date(self.printing.clock()),
        )
        address = tuple(address_lines(department.postal_address))
        language: Literal["fr", "en"] = "en" if form["language"] == "en" else "fr"
        return Attestation(
            sheet=sheet,
            applicant=form["applicant"],
            asked=accepted.asked,
            received_on=accepted.received_on,
            accepted_on=accepted.accepted_on,
            rule=accepted.rule,
            source=accepted.source,
            signature=Signature(form["acts_for"], form["name"], form["capacity"], address),
            language=language,
        )

    def _page(
        self,
        request: Request,
        visitor: Visitor,
        case: CaseRecord,
        accepted: Accepted | NotAttested,
        form: PaperForm,
        status: int,
    ) -> Response:
        why = accepted if isinstance(accepted, NotAttested) else None
        said = {"reference": case.reference, "accepted": accepted, "why": why, "form": form, "status": status}
        return self.frame.page(request, "paper_attestation.html", visitor, **said)


def attestation_routes(pages: AttestationPages) -> APIRouter:
    """Return the routes of the attestation."""
    routes = APIRouter()
    routes.add_api_route("/demandes/{reference}/attestation", pages.form)
    routes.add_api_route("/demandes/{reference}/attestation", pages.make, methods=["POST"])
    return routes
