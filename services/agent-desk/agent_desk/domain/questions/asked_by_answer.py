"""What an answer asks, pieces or questions, and whether it may go so (docs/decisions/0098, 0108). Pure."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from agent_desk.domain.clocks.pieces_to_ask import PiecesToAsk
from agent_desk.domain.questions.question_mark import QuestionMark
from guichet.contracts.legal_facts import AskedPieces
from guichet.contracts.questions import Asked, AskedField, FieldKind
from guichet.follow_pages.page_content import is_sensitive


@dataclass(frozen=True)
class AskedByAnswer:
    """to_ask: of its case, now. mark: what its form says (asked_mark, question_mark). words: as they leave."""

    to_ask: PiecesToAsk
    mark: str
    words: str = field(repr=False)

    @cached_property
    def _question(self) -> QuestionMark | None:
        return QuestionMark.read(self.mark)

    @property
    def wrong(self) -> str | None:
        """Return why it may not go; None: it may, or asks for nothing.

        Of pieces: see PiecesToAsk.wrong. "question-unsaid": its words do not say each question. "question-over": the
        day that it gives is past. "question-sensitive": no form shows anything of this department.
        """
        if not self.mark:
            return None
        if self._question is None:
            return self.to_ask.wrong(self.mark, self.words)
        if self._is_sensitive:
            return "question-sensitive"
        if self._question.until <= self.to_ask.today:
            return "question-over"
        return None if self._question.asked(self.words) is not None else "question-unsaid"

    @property
    def pieces(self) -> AskedPieces | None:
        """The pieces that it asks for, which it does in law."""
        return None if self._question is not None else self.to_ask.asked_by(self.mark, self.words)

    @property
    def form(self) -> Asked | None:
        """What its form asks; None where it brings none: it asks for nothing, or may not."""
        if not self.mark or self.wrong is not None or self._is_sensitive:
            return None
        if self._question is not None:
            return self._question.asked(self.words)
        chosen, until = self.to_ask.chosen(self.mark) or (), self.to_ask.until(self.mark)
        fields = tuple(
            AskedField(kind=FieldKind.FILES, label=each.label, hint=each.required_by or "") for each in chosen
        )
        return Asked(fields=fields, until=until) if fields and until is not None else None

    @property
    def comes_back_on(self) -> date | None:
        """The day on which the case comes back where nobody answers; None: it asks no question. Work on pieces goes on,
        or waits as the clocks say."""
        is_asked = self._question is not None and self.form is not None
        return self._question.until + timedelta(days=1) if self._question is not None and is_asked else None

    @property
    def _is_sensitive(self) -> bool:
        return is_sensitive(self.to_ask.case.department, self.to_ask.town)
