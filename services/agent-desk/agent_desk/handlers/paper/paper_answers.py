"""Answers of cases that are printed: their words, opened for who may answer, and noted before they are shown."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from agent_desk.domain.cases.citizen_card import CitizenCard
from agent_desk.domain.cases.destination import is_hidden
from agent_desk.domain.cases.timeline import posted_at
from agent_desk.domain.errors import NotFoundError
from agent_desk.domain.paper.letter_frame import letterhead_of, paragraphs_of, place_of, signed_by
from agent_desk.domain.paper.online_form import online_form
from agent_desk.domain.paper.paper_form import PaperForm
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.cases.read_cases import ScopedCases
from agent_desk.handlers.open_sealed import open_subjects, open_words
from guichet.case.record import CaseRecord
from guichet.contracts.delivery import DeliveryState, Purpose
from guichet.contracts.questions import Question
from guichet.documents.paper_letter import PaperLetter
from guichet.documents.sheet import Sheet
from guichet.documents.typeset import Typesetter
from guichet.errors import TamperedError
from guichet.ids import MessageId
from guichet.law.calendar import paris_date
from guichet.rights.case_acts import CaseAct
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail
from guichet.store.deliveries.decisions import NOT_ELECTRONIC
from guichet.store.messages.document import Direction, MessageDocument, OutboundContent
from guichet.town.town import Town


@dataclass(frozen=True)
class PaperAnswer:
    """An answer that may be printed. subject: the case's, where it opens. card: of whom it is surely for.

    waits: it goes by no electronic way and is to be posted. posted_at: when an agent said that it was. question: that
    it asks by a form.
    """

    case: CaseRecord
    message_id: MessageId
    words: str = field(repr=False)
    subject: str = field(repr=False)
    card: CitizenCard | None = field(repr=False)
    waits: bool
    posted_at: datetime | None
    question: Question | None = None


@dataclass(frozen=True)
class PaperAnswers:
    """clock: aware UTC. portal_url: where questions are answered, or a blank. Every method raises TransientError."""

    cases: ScopedCases
    typesetting: Typesetter
    audit: AuditTrail
    town: Town
    clock: Callable[[], datetime]
    portal_url: str = ""

    async def find(self, visitor: Visitor, reference: str, outbound_id: str) -> PaperAnswer:
        """Return an answer of a case that the visitor sees whole and may answer.

        Raises what ScopedCases.find_whole does; NotFoundError where it is none, or was erased; TamperedError.
        """
        case = await self.cases.find_whole(visitor, reference, CaseAct.ANSWER)
        name = MessageId(outbound_id)
        found = (await self.cases.story.messages.find_many([name])).get(name)
        about = await self.cases.story.history.of_outbound(case.case_id, [name])
        if found is None or not _is_answer_of(found, case) or all(each.type != "ReplyRequested" for each in about):
            raise NotFoundError
        await self.note(visitor, case, "printed-answer", name)
        opened = await open_words(self.cases.opener, [found])
        if name in opened.tampered:
            raise TamperedError("an answer that was to be printed was altered")
        if name not in opened.values:
            raise NotFoundError
        said = opened.values[name]
        return PaperAnswer(
            case=case,
            message_id=name,
            words=said.text,
            subject=await self._subject(case),
            card=await self.card(case),
            waits=case.deliveries.get(name) == DeliveryState.WITHHELD,
            posted_at=posted_at(about).get(name),
            question=said.question if isinstance(said, OutboundContent) else None,
        )

    async def is_on_paper(self, case: CaseRecord, outbound_id: str) -> bool:
        """Say whether it is an answer of a case that goes by no electronic way, posted or not."""
        name = MessageId(outbound_id)
        found = (await self.cases.story.messages.find_many([name])).get(name)
        if found is None or not _is_answer_of(found, case):
            return False
        about = await self.cases.story.history.of_outbound(case.case_id, [name])
        return any(each.code == NOT_ELECTRONIC for each in about)

    async def card(self, case: CaseRecord) -> CitizenCard | None:
        """Return the card of a case's citizen; None where nobody is sure who that is."""
        if case.citizen is None:
            return None
        card = (await self.cases.citizens.cards([(case.sector, case.citizen)])).get(case.citizen)
        return None if is_hidden(case, card) else card

    async def typeset(self, answer: PaperAnswer, form: PaperForm, day: date) -> tuple[str, bytes]:
        """Return the letter's name and its PDF. Raises UntypesetError."""
        department = self.town.department_or_fallback(answer.case.department)
        paragraphs, signature = signed_by(paragraphs_of(answer.words), department)
        sheet = Sheet(
            letterhead=letterhead_of(department, self.town.name),
            recipient=form.recipient,
            reference=answer.case.reference,
            place=place_of(department, self.town.name),
            day=day,
        )
        received = paris_date(answer.case.received_at)
        asked = None if answer.question is None else online_form(self.portal_url, answer.question)
        letter = PaperLetter(sheet, form["subject"], paragraphs, signature, received_on=received, form=asked)
        return letter.file_name, await self.typesetting.typeset(letter.typescript())

    async def note(self, visitor: Visitor, case: CaseRecord, thing: str, *things: str) -> None:
        """Note that something of a case is shown to be printed."""
        at, agent = self.clock(), visitor.agent.agent_id
        entry = AuditEntry(at=at, agent=agent, act=Act.READ, thing=thing, things=(case.case_id, *things))
        await self.audit.record(entry)

    async def _subject(self, case: CaseRecord) -> str:
        return (await open_subjects(self.cases.opener, [case])).values.get(case.case_id, "")


def _is_answer_of(message: MessageDocument, case: CaseRecord) -> bool:
    is_answer = message.direction is Direction.OUTBOUND and message.purpose is Purpose.REPLY
    return is_answer and message.filed == case.case_id
