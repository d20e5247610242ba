"""Read cases for a visitor: within their scope, opened, and noted in the audit trail before anything is shown."""

import asyncio
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

import structlog

from agent_desk.domain.cases.case_query import CaseQuery
from agent_desk.domain.cases.case_view import CasePage, CaseRow, CaseView
from agent_desk.domain.cases.opened_as import opened_as
from agent_desk.domain.cases.story import StoryCursor, is_of
from agent_desk.domain.cases.synthesis import Synthesis, synthesis_of
from agent_desk.domain.decisions.decision import outbound_of
from agent_desk.domain.errors import CallerOwedError, NotAllowedError, NotFoundError, ReasonOwedError
from agent_desk.domain.visitor import Visitor
from agent_desk.domain.work.note import note_of
from agent_desk.handlers.cases.find_listed import ListFinder
from agent_desk.handlers.cases.open_case import CaseOpening
from agent_desk.handlers.cases.open_rows import open_latest, open_rows, with_latest
from agent_desk.handlers.cases.read_story import StoryPages
from agent_desk.handlers.citizens.citizen_directory import CitizenDirectory
from agent_desk.handlers.open_files import FileOpener, OpenedFile
from agent_desk.handlers.open_sealed import open_notes, open_words
from guichet.case.record import CaseRecord
from guichet.contracts.inbound_content import InboundContent
from guichet.ids import AgentId, CaseId, EventId, MessageId, Reference
from guichet.rights.case_acts import CaseAct
from guichet.rights.scope import Scope
from guichet.store.agents.sessions import Sessions
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail
from guichet.store.cases.case_filter import CaseFilter, ListCursor
from guichet.store.cases.reader import CaseReader
from guichet.store.messages.document import MessageDocument
from guichet.store.notes import Notes
from guichet.town.town import Town
from guichet.vault.ports import KeyOpener

log = structlog.get_logger()

_REFERENCE = re.compile(r"\d{4}-[0-9A-Z]{4}-[0-9A-Z]{3}", re.ASCII)


class _ListPage(NamedTuple):
    """next_page: None on the last. further: behind which cursor there may be more."""

    rows: tuple[CaseRow | Synthesis, ...]
    next_page: int | None
    further: ListCursor | None


@dataclass(frozen=True, kw_only=True)
class ScopedCases:
    """Every way an agent reads. Each raises NotFoundError alike for what is missing and what is out of scope.

    What an agent sees in synthesis is opened by none of them but `find_case` and `list_cases`.
    """

    cases: CaseReader
    lists: ListFinder
    opening: CaseOpening
    story: StoryPages
    notes: Notes
    citizens: CitizenDirectory
    opener: KeyOpener
    files: FileOpener
    audit: AuditTrail
    sessions: Sessions
    town: Town
    clock: Callable[[], datetime]

    async def list_cases(self, visitor: Visitor, query: CaseQuery, mine: tuple[AgentId, ...]) -> CasePage:
        """Return a page of the visitor's cases, and how many each state and view leads to.

        mine: whose work is the visitor's now.
        """
        page, counts, work, to_sign, urgent, due = await asyncio.gather(
            self._page(visitor, query, query.filter_for(visitor, mine)),
            self.lists.counts(visitor, query),
            self.lists.work(visitor, query, mine),
            self.lists.to_sign(visitor, query),
            self.lists.urgent(visitor, query),
            self.lists.due(visitor, query),
        )
        shown = CasePage(page.rows, counts, work, query.page, page.next_page, page.further)
        return replace(shown, to_sign=to_sign, urgent=urgent, due=due)

    async def _page(self, visitor: Visitor, query: CaseQuery, wanted: CaseFilter) -> _ListPage:
        found = await self.lists.find(visitor, query, wanted)
        shown = found.cases if found.further is not None else found.cases[: wanted.limit]
        rows, _ = await asyncio.gather(
            self._listed(visitor, shown), self._note(visitor, Act.LISTED, "case", [case.case_id for case in shown])
        )
        return _ListPage(rows, query.page + 1 if len(found.cases) > len(shown) else None, found.further)

    async def rows_of(self, visitor: Visitor, cases: Collection[CaseRecord]) -> dict[CaseId, CaseRow]:
        """Return the rows of cases that lists show the visitor. Raises TransientError."""
        wanted = tuple(cases)
        rows = await open_rows(
            wanted, opener=self.opener, citizens=self.citizens, messages=self.story.messages, now=self.clock()
        )
        await self._note(visitor, Act.LISTED, "case", [case.case_id for case in wanted])
        return {case.case_id: row for case, row in zip(wanted, rows, strict=True)}

    async def note_numbers(self, visitor: Visitor, case: CaseRecord) -> None:
        """Note that the visitor is shown whom to call. Raises TransientError."""
        await self._note(visitor, Act.READ, "phone-numbers", [case.case_id])

    async def note_clocks(self, visitor: Visitor, case: CaseRecord) -> None:
        """Note that the visitor is shown every clock of a case. Raises TransientError."""
        await self._note(visitor, Act.READ, "clocks", [case.case_id])

    async def references_of(self, visitor: Visitor, cases: Iterable[CaseId]) -> dict[CaseId, Reference]:
        """Return what cases are called, of those that lists tell the visitor of. Raises TransientError."""
        found = await self.cases.find_many(visitor.listed, cases)
        return {each.case_id: each.reference for each in found}

    async def find_case(self, visitor: Visitor, reference: str) -> CaseRecord:
        """Return a case of the visitor's scope, without opening it: whole, or in synthesis."""
        return await self._find(visitor, reference, visitor.scope)

    async def find_shown(self, visitor: Visitor, reference: str) -> CaseRecord:
        """As `find_case`. Raises CallerOwedError, ReasonOwedError where they owe a caller or a reason."""
        case = await self.find_case(visitor, reference)
        if visitor.owes_caller(case):
            raise CallerOwedError(case.reference)
        if visitor.owes_reason(case):
            raise ReasonOwedError(case.reference)
        return case

    async def find_whole(self, visitor: Visitor, reference: str, *acts: CaseAct) -> CaseRecord:
        """Return a case that the visitor sees whole and may do these acts with, without opening it.

        One that they see in synthesis does not exist here. Raises NotAllowedError where an act is not theirs,
        ReasonOwedError where they have not said why they open it, CallerOwedError where they have recognised no caller.
        """
        case = await self.find_to_open(visitor, reference)
        if visitor.owes_reason(case):
            raise ReasonOwedError(case.reference)
        if not all(visitor.scope.may(act, case) for act in acts):
            await self._note(visitor, Act.NOT_ALLOWED, "case", [case.case_id])
            raise NotAllowedError
        return case

    async def find_to_open(self, visitor: Visitor, reference: str) -> CaseRecord:
        """Return a case that the visitor sees whole, if only once they have said why, without opening it.

        Raises CallerOwedError where they have recognised no caller, and must.
        """
        case = await self._find(visitor, reference, visitor.scope.whole)
        if visitor.owes_caller(case):
            raise CallerOwedError(case.reference)
        return case

    async def give_reason(self, visitor: Visitor, case: CaseRecord, reason: str) -> None:
        """Note why the visitor opens a case: from then on, for this session, they see it whole.

        reason: a code of the town's list.
        """
        await self._note(visitor, Act.REASON_GIVEN, "case", [case.case_id], reason)
        await self.sessions.note_reason(visitor.session_id, opened_as(case, visitor.scope))

    async def _find(self, visitor: Visitor, reference: str, scope: Scope) -> CaseRecord:
        well_formed = is_reference(reference)
        case = None
        if well_formed:
            case = await self.cases.find_by_reference(scope, Reference(reference.upper()))
        if case is None:  # what was typed is noted only when it can be nothing but a reference
            await self._note(visitor, Act.NOT_FOUND, "case", [reference.upper()] if well_formed else [])
            raise NotFoundError
        if visitor.is_told_nothing(case):  # and yet that it is there: who tries references is seen by what they hit
            await self._note(visitor, Act.SOUGHT, "case", [case.case_id])
        return case

    async def read_synthesis(self, visitor: Visitor, case: CaseRecord) -> Synthesis:
        """Return what is shown of a case that the visitor sees in synthesis, or of which lists tell before a reason."""
        await self._note(visitor, Act.READ, "synthesis", [case.case_id])
        return synthesis_of(case)

    async def read_case(
        self, visitor: Visitor, case: CaseRecord, cursor: StoryCursor | None = None, *, naming: bool = False
    ) -> CaseView:
        """Return one case, which the visitor sees whole, with a page of its story, its citizen and what belongs to it.

        cursor: of the page; None: the newest. naming: the agent has made sure that it is one of those who share an
        address, and is told their names.
        """
        if visitor.scope.detail_of(case) != "full":
            raise NotFoundError
        if visitor.owes_reason(case):
            raise ReasonOwedError(case.reference)
        opened = await self.opening.open(visitor, case, cursor, naming=naming)
        if naming and opened.view.doubt is not None:
            await self._note(visitor, Act.READ, "candidates", [case.case_id])
        await self._note(visitor, Act.READ, "case", opened.things)
        return opened.view

    async def untaken(self, visitor: Visitor, case: CaseRecord, command: EventId) -> str | None:
        """Return the note that a command was to add; None where there is none, or another agent wrote it."""
        note_id = note_of(command)
        found = (await self.notes.find_many([note_id])).get(note_id)
        if found is None or (found.case_id, found.author) != (case.case_id, visitor.agent.agent_id):
            return None
        await self._note(visitor, Act.READ, "case", [case.case_id, note_id])
        return (await open_notes(self.opener, [found])).values.get(note_id)

    async def unsent(self, visitor: Visitor, case: CaseRecord, command: EventId) -> str | None:
        """Return the answer that a command was to send; None where there is none, or another agent wrote it."""
        answer = outbound_of(command)
        found = (await self.story.messages.find_many([answer])).get(answer)
        if found is None or found.filed != case.case_id or found.author != visitor.agent.agent_id:
            return None
        said = (await open_words(self.opener, [found])).values.get(answer)
        await self._note(visitor, Act.READ, "case", [case.case_id, answer])
        return said.text if said is not None else None

    async def read_file(
        self, visitor: Visitor, reference: str, message_id: str, number: int, *, shown_as: str = "attachment"
    ) -> OpenedFile:
        """Return one attachment of a case, opened and seen by the antivirus. Raises TamperedError, WithheldError.

        shown_as: what the audit trail calls what its reader sees of it.
        """
        case = await self.find_whole(visitor, reference, CaseAct.READ)
        found = (await self.story.messages.find_many([MessageId(message_id)])).get(MessageId(message_id))
        if found is None or not is_of(found, case) or not 1 <= number <= len(found.attachments):
            await self._note(visitor, Act.NOT_FOUND, "attachment", [case.case_id])
            raise NotFoundError
        back = f"/demandes/{case.reference}"
        file = await self.files.open(found, number, back=back, case_id=case.case_id)
        attachment = found.attachments[number - 1]
        await self._note(visitor, Act.READ, shown_as, [case.case_id, attachment.attachment_id])
        return file

    async def read_message(
        self, visitor: Visitor, reference: str, message_id: str
    ) -> tuple[CaseRecord, MessageDocument, InboundContent | None]:
        """Return a case that the visitor sees whole, and a message of it with what a citizen said; None: nothing."""
        case, name = await self.find_whole(visitor, reference, CaseAct.READ), MessageId(message_id)
        found = (await self.story.messages.find_many([name])).get(name)
        if found is None or not is_of(found, case):
            await self._note(visitor, Act.NOT_FOUND, "message", [case.case_id])
            raise NotFoundError
        await self._note(visitor, Act.READ, "case", [case.case_id, name])
        said = (await open_words(self.opener, [found])).values.get(name)
        return case, found, said if isinstance(said, InboundContent) else None

    async def _listed(self, visitor: Visitor, cases: Sequence[CaseRecord]) -> tuple[CaseRow | Synthesis, ...]:
        """Return rows in the same order, each as whole as the visitor sees it; of a synthesis nothing is opened."""
        whole = [case for case in cases if visitor.listed.detail_of(case) == "full"]
        opened, words, unread, drafted = await asyncio.gather(
            self._rows(whole),
            open_latest(whole, opener=self.opener, messages=self.story.messages),
            self.lists.reading.unread(visitor, whole),
            self.lists.drafted(visitor, whole),
        )
        rows = {
            case.case_id: replace(row, unread=case.case_id in unread, drafted=case.case_id in drafted)
            for case, row in zip(whole, with_latest(opened, whole, words, self.town), strict=True)
        }
        return tuple(rows.get(case.case_id) or synthesis_of(case) for case in cases)

    async def _rows(self, cases: Sequence[CaseRecord]) -> tuple[CaseRow, ...]:
        messages = self.story.messages
        return await open_rows(cases, opener=self.opener, citizens=self.citizens, messages=messages, now=self.clock())

    async def _note(
        self, visitor: Visitor, act: Act, thing: str, things: Iterable[str], reason: str | None = None
    ) -> None:
        at, agent = self.clock(), visitor.agent.agent_id
        await self.audit.record(
            AuditEntry(at=at, agent=agent, act=act, thing=thing, things=tuple(things), reason=reason)
        )


def is_reference(typed: str) -> bool:
    """Say whether a text has the form of a reference."""
    return _REFERENCE.fullmatch(typed.upper()) is not None
