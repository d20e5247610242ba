"""Open what its author wrote to show what a case is."""

from datetime import datetime

from agent_desk.domain.clocks.nature_shown import NatureShown, entry_with_reason
from agent_desk.handlers.open_sealed import open_reasons
from guichet.case.history import with_uncopied
from guichet.case.record import CaseRecord
from guichet.store.cases.history import CaseHistory
from guichet.vault.ports import KeyOpener


async def reason_of_nature(
    case: CaseRecord, nature: str | None, said_at: datetime | None, *, history: CaseHistory, opener: KeyOpener
) -> NatureShown | None:
    """Return it; None: nobody said one that stands, nothing was written, or it was erased.

    said_at: when the nature was said that stands. Whoever asks has noted that the case's clocks are shown. Raises
    TransientError.
    """
    if nature is None or said_at is None:
        return None
    entry = entry_with_reason(nature, said_at, with_uncopied(await history.facts(case.case_id), case.outbox))
    if entry is None or entry.reason_field is None:
        return None
    opened = await open_reasons(opener, [entry])
    is_tampered = entry.reason_field in opened.tampered
    reason = opened.values.get(entry.reason_field)
    if reason is None and not is_tampered:
        return None
    return NatureShown(nature, entry.by, entry.at, reason or "", is_tampered)
