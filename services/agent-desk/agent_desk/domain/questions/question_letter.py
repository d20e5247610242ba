"""The letter that asks a question: what, each under its number, and until when. French first, then English. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from guichet.french.no_break_spaces import with_no_break_spaces
from guichet.town.long_dates import long_date


@dataclass(frozen=True)
class QuestionLetter:
    """lines: what is asked, at least one. until: the last day. own: the agent's words, above the questions.

    on_paper: it is printed, and says at its foot how one answers.
    """

    reference: str
    lines: Sequence[str]
    until: date
    own: str = field(default="", repr=False)
    on_paper: bool = False

    @property
    def text(self) -> str:
        """What it says, without a signature. Below it stands the link."""
        one, until = len(self.lines) == 1, long_date(self.until, "fr")
        which, that = ("à cette question", "this question") if one else ("à ces questions", "these questions")
        how = "par le lien ci-dessous ou en répondant à ce message"
        how_in_english = "by the link below, or by replying to this message"
        if self.on_paper:
            how, how_in_english = "comme indiqué au bas de cette lettre", "as the foot of this letter says"
        paragraphs = (
            "Bonjour,",
            self.own.strip(),
            with_no_break_spaces(f"Pour traiter votre demande {self.reference}, merci de répondre {which} :"),
            "\n".join(f"{number}. {line}" for number, line in enumerate(self.lines, start=1)),
            f"Répondez si possible d’ici au {until}, {how}.",
            "In English:",
            f"To deal with your request {self.reference}, please answer {that} above, by {long_date(self.until, 'en')}"
            f" if you can: {how_in_english}.",
        )
        return "\n\n".join(filter(None, paragraphs))
