"""Open what pages show, in bulk: one question to the vault for a whole page."""

from collections.abc import Iterable

from agent_desk.domain.cases.moments import Words
from guichet.case.history import HistoryEntry
from guichet.case.record import CaseRecord
from guichet.ids import CaseId, MessageId, NoteId
from guichet.store.abuse_declarations import NO_RECEIPT, NoReceipt
from guichet.store.cases.fields import LINKED_CASES, REASON, SUBJECT
from guichet.store.messages.document import INBOUND_CONTENT, OUTBOUND_CONTENT, Direction, MessageDocument
from guichet.store.notes import WORDS, Note
from guichet.vault.fields import Opened, SealedValue, open_each
from guichet.vault.ports import KeyOpener


async def open_words(opener: KeyOpener, messages: Iterable[MessageDocument]) -> Opened[MessageId, Words]:
    """Return what messages say."""
    return await open_each(opener, {message.message_id: _words(message) for message in messages})


async def open_subjects(opener: KeyOpener, cases: Iterable[CaseRecord]) -> Opened[CaseId, str]:
    """Return the subjects of the cases that have one."""
    wanted = {each.case_id: SUBJECT.on(each.case_id, each.subject) for each in cases if each.subject is not None}
    return await open_each(opener, wanted)


async def open_links(opener: KeyOpener, case: CaseRecord) -> Opened[CaseId, tuple[CaseId, ...]]:
    """Return the cases that the case's first message quoted, under the case itself."""
    wanted = {case.case_id: LINKED_CASES.on(case.case_id, case.linked_to)} if case.linked_to is not None else {}
    return await open_each(opener, wanted)


async def open_no_receipts(opener: KeyOpener, cases: Iterable[CaseRecord]) -> Opened[CaseId, NoReceipt]:
    """Return why cases had no receipt; left out is who had one."""
    wanted = {
        case.case_id: NO_RECEIPT.on(case.case_id, case.no_receipt) for case in cases if case.no_receipt is not None
    }
    return await open_each(opener, wanted)


async def open_reasons(opener: KeyOpener, entries: Iterable[HistoryEntry]) -> Opened[str, str]:
    """Return the reasons in entries of a case's history, by the field they were sealed for."""
    wanted = {
        entry.reason_field: REASON.called(entry.reason_field).on(entry.case_id, entry.reason)
        for entry in entries
        if entry.reason is not None and entry.reason_field is not None
    }
    return await open_each(opener, wanted)


async def open_notes(opener: KeyOpener, notes: Iterable[Note]) -> Opened[NoteId, str]:
    """Return what notes say."""
    return await open_each(opener, {note.note_id: WORDS.on(note.note_id, note.words) for note in notes})


def _words(message: MessageDocument) -> SealedValue[Words]:
    content = INBOUND_CONTENT if message.direction is Direction.INBOUND else OUTBOUND_CONTENT
    return content.on(message.message_id, message.content)
