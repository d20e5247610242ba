"""Open one case for somebody who sees it whole: a page of its story, its citizen, the cases beside it.

Whether they do, and what the audit trail says of it, is for whoever asks (read_cases.py).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from agent_desk.domain.cases.abuse import AbuseView, abuse_of
from agent_desk.domain.cases.albums import with_albums
from agent_desk.domain.cases.case_view import CaseRow, CaseView, Choice, Doubt
from agent_desk.domain.cases.citizen_card import CitizenCard
from agent_desk.domain.cases.destination import answered_message, is_hidden, people_of, where_answers_go
from agent_desk.domain.cases.left_for import with_addresses
from agent_desk.domain.cases.moments import Moment, Words
from agent_desk.domain.cases.receipt_date import receipt_date_of
from agent_desk.domain.cases.story import StoryCursor, StoryPage, is_of
from agent_desk.domain.cases.timeline import believed_at, timeline_of
from agent_desk.domain.clocks.clocks_shown import ClocksShown
from agent_desk.domain.steps.steps_shown import StepsShown
from agent_desk.domain.visitor import Visitor
from agent_desk.domain.work.note import note_of
from agent_desk.domain.work.words_to_colleagues import without_words_to_colleagues
from agent_desk.handlers.cases.find_ways import WayFinder
from agent_desk.handlers.cases.open_rows import open_rows
from agent_desk.handlers.cases.order_ways import order_ways
from agent_desk.handlers.cases.read_story import StoryPages
from agent_desk.handlers.citizens.citizen_directory import CitizenDirectory
from agent_desk.handlers.open_sealed import open_links, open_no_receipts, open_notes, open_reasons, open_words
from guichet.case.record import CaseRecord
from guichet.contracts.authorship import written_by
from guichet.contracts.delivery import DeliveryState
from guichet.contracts.inbound_content import InboundContent
from guichet.ids import EventId, MessageId, NoteId, SectorCitizenId, receipt_id
from guichet.rights.case_acts import CaseAct
from guichet.store.cases.reader import CaseReader
from guichet.store.messages.document import MessageDocument
from guichet.store.notes import Notes
from guichet.town.town import Town
from guichet.vault.fields import Opened
from guichet.vault.ports import KeyOpener

_Cards = Mapping[SectorCitizenId, CitizenCard]


@dataclass(frozen=True)
class OpenedCase:
    """things: the messages and notes that were opened for it, and the case, as the audit trail names them."""

    view: CaseView
    things: tuple[str, ...]


@dataclass(frozen=True)
class _RowsAbout:
    """own: of the case. others: of its citizen. linked: of what its first message quoted."""

    own: CaseRow
    others: tuple[CaseRow, ...]
    linked: tuple[CaseRow, ...]
    links_tampered: bool
    cases: Sequence[CaseRecord]  # of the others, newest first


@dataclass(frozen=True, kw_only=True)
class CaseOpening:
    """files_scanned: before each is given out. clock: aware UTC. Every method raises TransientError."""

    cases: CaseReader
    story: StoryPages
    notes: Notes
    citizens: CitizenDirectory
    ways: WayFinder
    opener: KeyOpener
    files_scanned: bool
    town: Town
    clock: Callable[[], datetime]

    async def open(self, visitor: Visitor, case: CaseRecord, cursor: StoryCursor | None, *, naming: bool) -> OpenedCase:
        """Return it. cursor, naming: as in ScopedCases.read_case."""
        page, answers = await self.story.read(case, cursor), visitor.scope.may(CaseAct.ANSWER, case)
        if not answers:
            page = without_words_to_colleagues(page)
        messages = await self._with_ends(case, page)
        cards = await self.citizens.cards([(case.sector, citizen) for citizen in people_of(case)])
        card = cards.get(case.citizen) if case.citizen else None
        hidden = is_hidden(case, card)
        rows = await self._rows_about(visitor, case, hidden=hidden)
        words = await open_words(self.opener, messages.values())
        first, answered = words.values.get(case.opened_by), answered_message(case, messages)
        opening = messages.get(case.opened_by)
        usual = where_answers_go(case, messages.get(answered), words.values.get(answered), cards.values())
        known = None if hidden else card
        found = self.ways.of(case, known, usual, answered)
        ordered = await order_ways(
            found, case, rows.cases, messages=self.story.messages, opener=self.opener, town=self.town
        )
        told = await self._told(case, page, words, cards, with_notes=answers)
        written = [*page.messages, *(each for name, each in messages.items() if name == case.last_inbound)]
        view = CaseView(
            row=replace(rows.own, urgent=case.procedure in self.town.urgent),
            acts=frozenset(act for act in CaseAct if visitor.scope.may(act, case)),
            automatic=case.automatic,
            receipt_withheld=_is_receipt_withheld(case),
            routing=case.routing,
            entered_by=case.entered_by,
            story=with_addresses(told, case, written, words.values),
            cursor=cursor,
            older=page.older,
            citizen=known,
            candidates=() if hidden else tuple(cards[person] for person in case.candidates if person in cards),
            others=rows.others,
            linked=rows.linked,
            links_tampered=rows.links_tampered,
            files_scanned=self.files_scanned,
            doubt=_doubt(case, first, cards, naming=naming) if hidden else None,
            abuse=await self._abuse(case, first),
            clocks=ClocksShown(case, self.town, self.clock()),
            steps=StepsShown.of(case),
            answer=usual,
            ways=ordered.ways,
            receipt=receipt_date_of(opening) if opening is not None else None,
            newest=case.newest,
            shown=case.newest_said,
        )
        noted = [step.note_id for step in page.steps if step.note_id is not None]
        beside = [each for each in ordered.read if each not in messages]
        return OpenedCase(view, (case.case_id, *messages, *noted, *beside))

    async def _told(
        self, case: CaseRecord, page: StoryPage, words: Opened[MessageId, Words], cards: _Cards, *, with_notes: bool
    ) -> tuple[Moment, ...]:
        return with_albums(
            timeline_of(
                case,
                page,
                words,
                await open_reasons(self.opener, page.steps),
                await self._open_notes(case, page) if with_notes else Opened({}),
                self.town.facts,
                believed_at(cards.values()),
                self.town.receipt_overdue_at(case.channel, case.received_at),
            )
        )

    async def _abuse(self, case: CaseRecord, first: Words | None) -> AbuseView:
        withheld = await open_no_receipts(self.opener, [case])
        return abuse_of(case, first, self.town.facts[case.channel], withheld, self.clock())

    async def _with_ends(self, case: CaseRecord, page: StoryPage) -> dict[MessageId, MessageDocument]:
        """Return a page's messages, and what is told beside them: the case's first and last, the first of a copy."""
        shown = {message.message_id: message for message in page.messages}
        copied = {message.copy_of for message in page.messages if message.copy_of is not None}
        if missing := {case.opened_by, case.last_inbound, case.answered_at, *copied} - shown.keys():
            found = await self.story.messages.find_many(missing)
            shown |= {each.message_id: each for each in found.values() if is_of(each, case)}
        return shown

    async def _open_notes(self, case: CaseRecord, page: StoryPage) -> Opened[NoteId, str]:
        """Return the notes of a page's story, and those that refused commands were to add."""
        added = [step.note_id for step in page.steps if step.note_id is not None]
        refused = [note_of(EventId(step.cause)) for step in page.steps if step.type == "CommandRefused" and step.cause]
        found = await self.notes.find_many([*added, *refused]) if added or refused else {}
        return await open_notes(self.opener, [note for note in found.values() if note.case_id == case.case_id])

    async def _rows_about(self, visitor: Visitor, case: CaseRecord, *, hidden: bool) -> _RowsAbout:
        """Return the rows of a case and of those beside it that the visitor sees whole, opened in one go."""
        others = await self.cases.of_citizen(visitor.shown_beside, case.citizen) if case.citizen and not hidden else ()
        others = [other for other in others if other.case_id != case.case_id]
        links = await open_links(self.opener, case)
        linked = await self.cases.find_many(visitor.shown_beside, links.values.get(case.case_id, ()))
        own, *beside = await open_rows(
            [case, *others, *linked],
            opener=self.opener,
            citizens=self.citizens,
            messages=self.story.messages,
            now=self.clock(),
        )
        rows = tuple(beside[: len(others)]), tuple(beside[len(others) :])
        return _RowsAbout(own, *rows, links_tampered=bool(links.tampered), cases=others)


def _is_receipt_withheld(case: CaseRecord) -> bool:
    aee = case.deliveries.get(receipt_id(case.case_id, "AEE"))
    return case.no_receipt is not None or aee == DeliveryState.WITHHELD


def _doubt(case: CaseRecord, words: Words | None, cards: _Cards, *, naming: bool) -> Doubt:
    content = words if isinstance(words, InboundContent) else None
    author = written_by(content, case.automatic) if content else None
    return Doubt(
        written_as=author.value if author else None,
        refused=content is not None and content.is_refused(),
        choices=tuple(Choice(each, cards[each].name if naming else None) for each in people_of(case) if each in cards),
    )
