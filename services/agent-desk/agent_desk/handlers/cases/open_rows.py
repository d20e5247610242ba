"""Cases as rows of a list, opened in one go."""

from collections.abc import Sequence
from datetime import datetime

from agent_desk.domain.cases.abuse import stands_until
from agent_desk.domain.cases.case_view import CaseRow
from agent_desk.domain.cases.citizen_card import CitizenCard
from agent_desk.domain.cases.destination import is_hidden
from agent_desk.handlers.citizens.citizen_directory import CitizenDirectory
from agent_desk.handlers.open_sealed import open_no_receipts, open_subjects
from guichet.case.record import CaseRecord
from guichet.ids import CaseId
from guichet.store.cases.reader import OPEN_STATES
from guichet.vault.fields import Opened
from guichet.vault.ports import KeyOpener


async def open_rows(
    cases: Sequence[CaseRecord], *, opener: KeyOpener, citizens: CitizenDirectory, now: datetime
) -> tuple[CaseRow, ...]:
    """Return a row for each case, in the same order. Raises TransientError."""
    subjects = await open_subjects(opener, cases)
    known = {(case.sector, case.citizen) for case in cases if case.citizen is not None}
    cards = await citizens.cards(known) if known else {}
    no_receipts = await open_no_receipts(opener, cases)
    return tuple(
        _row(
            case,
            subjects,
            cards.get(case.citizen) if case.citizen else None,
            now,
            abuse=stands_until(case, no_receipts.values.get(case.case_id), now) is not None,
        )
        for case in cases
    )


def _row(
    case: CaseRecord, subjects: Opened[CaseId, str], card: CitizenCard | None, now: datetime, *, abuse: bool
) -> CaseRow:
    hidden = is_hidden(case, card)
    return CaseRow(
        reference=case.reference,
        state=case.state,
        department=case.department,
        channel=case.channel,
        received_at=case.received_at,
        days_waiting=(now - case.received_at).days if case.state in OPEN_STATES else None,
        citizen=card.called if card and not hidden else None,
        subject=subjects.values.get(case.case_id),
        several=not case.unverified and case.citizen is None and len(case.candidates) > 1,
        unverified=hidden,
        abuse=abuse,
        has_news=case.has_news,
        undecided=bool(case.undecided),
        citizen_tampered=card is not None and card.tampered,
        subject_tampered=case.case_id in subjects.tampered,
    )
