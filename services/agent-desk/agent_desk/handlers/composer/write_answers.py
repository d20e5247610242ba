"""An answer as it leaves: signed, and as its citizen will see it."""

from collections.abc import Iterable
from dataclasses import dataclass

from agent_desk.domain.cases.destination import Destination
from agent_desk.domain.composer.preview import Answered, Counted, Preview, counted_frame, frame_of, preview_of
from agent_desk.domain.composer.signature import signature_of, signed
from agent_desk.domain.decisions.form_input import FormInput
from agent_desk.domain.visitor import Visitor
from guichet.contracts.channels import Form
from guichet.contracts.inbound import ChannelName
from guichet.town.continued import continued
from guichet.town.town import Town


@dataclass(frozen=True)
class AnswerWriter:
    """Writes answers for a town."""

    town: Town

    def signature(self, visitor: Visitor, case: Answered, to: Destination | None) -> str:
        """Return by whom an answer to a case is signed. to: None where no address is known."""
        department = self.town.department_or_fallback(case.department)
        channel = self.channel(case, to)
        frame, is_short = frame_of(case, channel, self.town), self.town.facts[channel].form is Form.SHORT
        return signature_of(visitor.agent, department, frame, is_short=is_short)

    def words(self, visitor: Visitor, case: Answered, to: Destination | None, typed: FormInput) -> str:
        """Return what an answer says, with its signature where it is asked for."""
        return signed(typed.text, self.signature(visitor, case, to)) if typed.signed else typed.text.strip()

    def preview(
        self,
        case: Answered,
        to: Destination | None,
        words: str,
        subject: str | None,
        files: int = 0,
        came_on: ChannelName | None = None,
    ) -> Preview:
        """Return what the citizen will see. files: how many go with it. came_on: the channel of what it answers; None:
        it goes back there.
        """
        channel = self.channel(case, to)
        words = continued(words, came_on or channel, channel, self.town)
        return preview_of(case, channel, words, subject or "", self.town, files)

    def counted(self, visitor: Visitor, case: Answered, ways: Iterable[Destination | None]) -> Counted | None:
        """Return what is counted beside an answer by the first of these ways that bills by the segment; None: none."""
        for to in ways:
            channel = self.channel(case, to)
            frame = counted_frame(case, channel, self.town)
            if frame is not None:
                return Counted(frame, self.signature(visitor, case, to), self.town.facts[channel].longest)
        return None

    def channel(self, case: Answered, to: Destination | None) -> ChannelName:
        """Return by which an answer to a case leaves."""
        facts = self.town.facts.reaching(to.channel if to is not None else case.channel)
        return facts.answered_on or facts.name
