"""Whether an answer may go as it is: to whom it goes by now, how it is signed, what is to be looked at first."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime

from agent_desk.domain.cases.answer_addresses import Sending
from agent_desk.domain.cases.destination import Destination, is_elsewhere
from agent_desk.domain.cases.other_ways import OtherAddress, chosen
from agent_desk.domain.clocks.pieces_to_ask import PiecesToAsk
from agent_desk.domain.composer.another_way import without_what_is_over
from agent_desk.domain.composer.answer import Answer
from agent_desk.domain.composer.attachments import carries_files
from agent_desk.domain.composer.doubts import Doubt, as_read
from agent_desk.domain.decisions.closing_guards import closing_guards
from agent_desk.domain.decisions.form_input import FormInput
from agent_desk.domain.decisions.sensitive_answer import may_go
from agent_desk.domain.questions.asked_by_answer import AskedByAnswer
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.cases.find_destination import Destinations
from agent_desk.handlers.composer.find_doubts import DoubtFinder
from agent_desk.handlers.composer.write_answers import AnswerWriter
from guichet.case.record import CaseRecord
from guichet.case.unsent import awaits_another
from guichet.town.town import Town


@dataclass(frozen=True)
class Judged:
    """typed: as it was sent, with what is wrong with it. answer: what leaves.

    comes_back_on: the day on which the case comes back by itself, since the answer asks a question; None: it asks none.
    """

    typed: FormInput
    answer: Answer
    comes_back_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class AnswerJudge:
    """Looks an answer through before it leaves. clock: aware UTC."""

    destinations: Destinations
    writer: AnswerWriter
    doubts: DoubtFinder
    town: Town
    clock: Callable[[], datetime]

    async def judge(self, visitor: Visitor, case: CaseRecord, typed: FormInput) -> Judged:
        """Return it, looked through. Raises TransientError."""
        sending = await self.destinations.of(case, typed.answers)
        way = chosen(sending.ways, typed.way)
        words = self.writer.words(visitor, case, way.to if way is not None else sending.shown, typed)
        if error := self._may_not_go(case, typed, words, sending, way):
            typed = without_what_is_over(replace(typed, errors=(error,)))
        else:
            doubts = await self._doubts(visitor, case, typed, words)
            if as_read(doubts) != typed.despite:
                typed = replace(typed, doubts=doubts, errors=("doubtful",) if doubts else ())
        answers, instead_of = typed.answers or sending.answers, typed.instead_of
        asked = self.asked(case, typed.asks, words)
        awaits = typed.awaits_answer or asked.comes_back_on is not None
        leaves = Answer(typed.sheet, words, answers, awaits, typed.attached, way, instead_of, asked.pieces)
        return Judged(typed, leaves, asked.comes_back_on)

    async def wrong_with_files(self, case: CaseRecord, typed: FormInput) -> str | None:
        """Return why an answer may not go, or be submitted, with its files; None: it may. Raises TransientError."""
        if not typed.chosen and not typed.attached:
            return None
        sending = await self.destinations.of(case, typed.answers)
        way = chosen(sending.ways, typed.way)
        return self._wrong_with_files(case, typed, way.to if way is not None else sending.shown)

    def wrong_with_asked(self, case: CaseRecord, typed: FormInput, words: str) -> str | None:
        """Return why an answer may not go, or be submitted, that asks for something; None: it may, or asks nothing."""
        if wrong := self.asked(case, typed.asks, words).wrong:
            return wrong
        is_question = self.asked(case, typed.asks, words).comes_back_on is not None
        return "question-closing" if is_question and typed.then == "close" else None

    def asked(self, case: CaseRecord, mark: str, words: str) -> AskedByAnswer:
        """Return what an answer of these words asks, by the mark of its form."""
        return AskedByAnswer(PiecesToAsk(case, self.town, self.clock()), mark, words)

    def _wrong_with_files(self, case: CaseRecord, typed: FormInput, to: Destination | None) -> str | None:
        if typed.chosen:
            return "files-unattached"
        carried = carries_files(self.writer.channel(case, to), case.department, self.town)
        return "files-not-carried" if typed.attached and not carried else None

    async def _doubts(self, visitor: Visitor, case: CaseRecord, typed: FormInput, words: str) -> tuple[Doubt, ...]:
        """Return what is to be looked at before the answer leaves, and before the case is closed with it."""
        found = await self.doubts.of(visitor, case, words, has_files=bool(typed.attached))
        guards = closing_guards(case, self.town, self.clock(), is_answered=True) if typed.then == "close" else ()
        return (*found, *(Doubt(each) for each in guards))

    def _may_not_go(
        self, case: CaseRecord, typed: FormInput, words: str, sending: Sending, way: OtherAddress | None
    ) -> str | None:
        """Return why an answer may not go as it is, or None. What has come since the page was made is noticed here."""
        if typed.way and way is None:
            return "way-gone"
        if typed.instead_of is not None and not awaits_another(case, typed.instead_of):
            return "not-failed"
        to = way.to if way is not None else sending.shown
        if way is None and is_elsewhere(to, sending.now):
            return "address-changed"
        if not may_go(case, to, words, self.town):
            return "number-unverified"
        if error := self._wrong_with_files(case, typed, to) or self.wrong_with_asked(case, typed, words):
            return error
        unseen = to is not None and to.elsewhere and typed.elsewhere != to.address.value
        return "elsewhere" if unseen else None
