"""An answer that was looked through, as its command says it. Pure."""

from dataclasses import dataclass, field

from agent_desk.domain.cases.other_ways import OtherAddress
from agent_desk.domain.decisions.decision import Sheet
from guichet.contracts.legal_facts import AskedPieces
from guichet.ids import MessageId


@dataclass(frozen=True)
class Answer:
    """sheet: the form that it was typed into. answers: the message to whose sender it goes, as the agent saw it.

    attached: the files that go with it, as its form says. way: by which it goes, where its agent chose another one.
    instead_of: the answer that failed, whose words it repeats. asks: for which pieces.
    """

    sheet: Sheet
    text: str = field(repr=False)
    answers: MessageId
    awaits_answer: bool = False
    attached: str = ""
    way: OtherAddress | None = None
    instead_of: MessageId | None = None
    asks: AskedPieces | None = None

    @property
    def said(self) -> str:
        """Everything that its form says."""
        more = {
            "attached": self.attached,
            "way": self.way.mark if self.way is not None else "",
            "instead_of": self.instead_of or "",
            "asks": self.asks.model_dump_json() if self.asks is not None else "",
        }
        named = (f"{name}={each}" for name, each in more.items() if each)
        return "\n".join((str(self.answers), str(self.awaits_answer), self.text, *named))
