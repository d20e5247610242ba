"""All that is shown of a case to whoever sees it in synthesis. Pure; nothing of a person, and none of their words.

A synthesis is made of this alone: what is not a field here cannot reach a page.
"""

from dataclasses import dataclass
from datetime import date

from guichet.case.record import CaseRecord
from guichet.follow_pages.page_content import GENERIC
from guichet.ids import DepartmentId, ProcedureId, Reference
from guichet.law.calendar import paris_date
from guichet.store.follow_views.document import GenericState


@dataclass(frozen=True)
class Synthesis:
    """filed_on: the day in Paris; procedure: of the town's catalogue, which has its label."""

    reference: Reference
    procedure: ProcedureId | None
    filed_on: date
    state: GenericState
    department: DepartmentId


def synthesis_of(case: CaseRecord) -> Synthesis:
    """Return what is shown of a case."""
    return Synthesis(
        reference=case.reference,
        procedure=case.procedure,
        filed_on=paris_date(case.received_at),
        state=GENERIC[case.state],
        department=case.department,
    )
