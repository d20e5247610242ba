"""What a saved answer says of the case that it is put into."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from agent_desk.domain.cases.case_view import CaseRow, CaseView
from agent_desk.domain.cases.citizen_card import CitizenCard
from agent_desk.domain.composer.variables import CaseFacts
from agent_desk.domain.visitor import Visitor
from guichet.town.long_dates import long_date
from guichet.town.town import Town


@dataclass(frozen=True)
class CaseFactsReader:
    """Tells them. clock: aware UTC."""

    town: Town
    clock: Callable[[], datetime]

    def of(self, visitor: Visitor, view: CaseView) -> CaseFacts:
        """Return what is true of a case as its page shows it: nobody's name where nobody vouches for who wrote."""
        return self.of_row(visitor, view.row, view.citizen)

    def of_row(self, visitor: Visitor, row: CaseRow, card: CitizenCard | None) -> CaseFacts:
        """Return the same of a row. card: of whom it is surely about."""
        department = self.town.departments.get(row.department)
        return CaseFacts(
            reference=row.reference,
            service=department.name if department is not None else "",
            phone=department.phone if department is not None else "",
            agent=visitor.agent.name,
            date=long_date(self.clock(), "fr"),
            subject=row.subject or "",
            given_name=(card.given_name if card is not None else None) or "",
            family_name=(card.family_name if card is not None else None) or "",
            citizen=(card.name if card is not None else None) or "",
        )
