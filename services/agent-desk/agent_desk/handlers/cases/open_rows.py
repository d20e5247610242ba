"""Cases as rows of a list, opened in one go."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from agent_desk.domain.cases.abuse import stands_until
from agent_desk.domain.cases.case_view import CaseRow
from agent_desk.domain.cases.citizen_card import CitizenCard
from agent_desk.domain.cases.destination import is_hidden
from agent_desk.domain.cases.latest import latest_of, row_name, wanted_for
from agent_desk.domain.cases.moments import Words
from agent_desk.domain.cases.story import arriving
from agent_desk.handlers.citizens.citizen_directory import CitizenDirectory
from agent_desk.handlers.open_sealed import open_no_receipts, open_subjects, open_words
from guichet.case.record import CaseRecord
from guichet.contracts.inbound_content import InboundContent
from guichet.ids import CaseId, MessageId
from guichet.law.calendar import paris_date
from guichet.store.cases.case_filter import OPEN_STATES
from guichet.store.messages.store import MessageStore
from guichet.town.town import Town
from guichet.vault.fields import Opened
from guichet.vault.ports import KeyOpener


async def open_rows(
    cases: Sequence[CaseRecord],
    *,
    opener: KeyOpener,
    citizens: CitizenDirectory,
    messages: MessageStore,
    now: datetime,
) -> tuple[CaseRow, ...]:
    """Return a row for each case, in the same order. Raises TransientError."""
    known = {(case.sector, case.citizen) for case in cases if case.citizen is not None}
    subjects, cards, no_receipts, taken_down = await asyncio.gather(
        open_subjects(opener, cases),
        citizens.cards(known),
        open_no_receipts(opener, cases),
        _names_taken_down(cases, opener, messages),
    )
    return tuple(
        _row(
            case,
            subjects,
            cards.get(case.citizen) if case.citizen else None,
            taken_down.get(case.case_id),
            now,
            abuse=stands_until(case, no_receipts.values.get(case.case_id), now) is not None,
        )
        for case in cases
    )


async def open_latest(
    cases: Sequence[CaseRecord], *, opener: KeyOpener, messages: MessageStore
) -> Opened[MessageId, Words]:
    """Return the words of the newest message of each of these cases. Raises TransientError."""
    found = await messages.find_many(wanted_for(cases))
    filed, joined = {case.case_id for case in cases}, frozenset[MessageId]().union(*map(arriving, cases))
    theirs = [
        each for each in found.values() if each.filed in filed or (each.filed is None and each.message_id in joined)
    ]
    return await open_words(opener, theirs)


def with_latest(
    rows: Sequence[CaseRow], cases: Sequence[CaseRecord], words: Opened[MessageId, Words], town: Town
) -> tuple[CaseRow, ...]:
    """Return the rows of these cases with how each one's newest message begins, and urgent ones marked."""
    begins_anew = {case.channel: tuple(town.policy(case.channel).new_case_words) for case in cases}
    names = [
        row_name(case, words.values, row.subject or "", begins_anew[case.channel])
        for row, case in zip(rows, cases, strict=True)
    ]
    return tuple(
        replace(
            row,
            subject=name or row.subject,
            latest=latest_of(case, words.values, name, begins_anew[case.channel]),
            urgent=case.procedure in town.urgent,
        )
        for row, case, name in zip(rows, cases, names, strict=True)
    )


async def _names_taken_down(
    cases: Sequence[CaseRecord], opener: KeyOpener, messages: MessageStore
) -> Mapping[CaseId, str]:
    """Return the names that agents took down, of cases that began so: the registry seldom knows who was heard."""
    heard = {case.opened_by: case.case_id for case in cases if case.entered_by is not None}
    if not heard:
        return {}
    words = await open_words(opener, (await messages.find_many(heard)).values())
    said = {heard[message]: each for message, each in words.values.items() if isinstance(each, InboundContent)}
    return {case: content.display_name for case, content in said.items() if content.display_name}


def _row(
    case: CaseRecord,
    subjects: Opened[CaseId, str],
    card: CitizenCard | None,
    taken_down: str | None,
    now: datetime,
    *,
    abuse: bool,
) -> CaseRow:
    hidden = is_hidden(case, card)
    known = card if not hidden else None
    return CaseRow(
        reference=case.reference,
        state=case.state,
        department=case.department,
        procedure=case.procedure,
        channel=case.channel,
        received_at=case.received_at,
        active_at=case.updated_at,
        days_waiting=(now - case.received_at).days if case.state in OPEN_STATES else None,
        citizen=(known.name if known else None) or taken_down or (known.called if known else None),
        subject=subjects.values.get(case.case_id),
        several=not case.unverified and case.citizen is None and len(case.candidates) > 1,
        unverified=hidden,
        abuse=abuse,
        has_news=case.has_news,
        undecided=bool(case.undecided),
        unsent=bool(case.unsent),
        assigned_to=case.assigned_to,
        snoozed_until=case.snoozed_until,
        call_back_at=case.call_back_at,
        due_in=(case.due.due_on - paris_date(now)).days if case.due and case.due.due_on else None,
        decided=case.due.decided if case.due else None,
        citizen_tampered=card is not None and card.tampered,
        subject_tampered=case.case_id in subjects.tampered,
    )
