"""What happens to a case, as far as a clock of the law asks for it. Each fact bears its own moment: order is none."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property

from guichet.law.calendar import paris_date


class Saisine(StrEnum):
    """Whether a message seizes the town (saisir l'administration), and how."""

    ELECTRONIC = "electronic"  # it seizes the town (docs/law.md 3)
    STAMPED = "stamped"  # a letter, the counter, a call: at its stamp
    CONTACT_ONLY = "contact-only"  # the town published terms by which this channel seizes nobody


class Nature(StrEnum):
    """What a person says that a message is."""

    REQUEST = "request"  # demande
    COMPLAINT = "complaint"  # réclamation
    APPEAL = "appeal"  # recours administratif
    INFORMATION = "information"  # it asks for no decision
    ANONYMOUS = "anonymous"
    THREATENING = "threatening"


class Receipt(StrEnum):
    """Which receipt left."""

    AEE = "aee"
    ARE = "are"


@dataclass(frozen=True)
class LegalFact:
    """at: when it was so in law, aware; of what bears a day alone the day's beginning in Paris."""

    at: datetime

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("a fact of the law needs an aware time")

    @cached_property
    def on(self) -> date:
        """The day in Paris."""
        return paris_date(self.at)


@dataclass(frozen=True)
class Received(LegalFact):
    """The town received the request (docs/law.md 15). elsewhere_on: when another one did that passed it on."""

    saisine: Saisine = Saisine.ELECTRONIC
    elsewhere_on: date | None = None

    @property
    def first_on(self) -> date:
        """The day of receipt by whichever administration was the first."""
        return min(self.on, self.elsewhere_on or self.on)


@dataclass(frozen=True)
class ProcedureConfirmed(LegalFact):
    """A person confirmed, or changed, of which procedure the case is: its id in the catalogue."""

    procedure: str


@dataclass(frozen=True)
class Qualified(LegalFact):
    """A person said what it is."""

    nature: Nature


@dataclass(frozen=True)
class AskedPiece:
    """A piece of a request. required_by: the text that the letter cites; None where none does."""

    name: str
    required_by: str | None = None


@dataclass(frozen=True)
class PiecesAskedFor(LegalFact):
    """A letter named the pieces that lack. until: the last day of the time that it gives."""

    pieces: tuple[AskedPiece, ...]
    until: date


@dataclass(frozen=True)
class PieceArrived(LegalFact):
    """One of them is here."""

    piece: str


@dataclass(frozen=True)
class FileComplete(LegalFact):
    """A person confirmed that nothing lacks. It moves no clock: by it a person may be told that silence accepted."""


@dataclass(frozen=True)
class QuestionAsked(LegalFact):
    """The citizen was asked something. It moves no clock."""


@dataclass(frozen=True)
class ReRouted(LegalFact):
    """Another department of the town treats it. It resets nothing (docs/law.md 16)."""


@dataclass(frozen=True)
class Transferred(LegalFact):
    """It was passed on to the administration that is competent. to: its name."""

    to: str


@dataclass(frozen=True)
class TransferAnnounced(LegalFact):
    """The person was told of it."""


@dataclass(frozen=True)
class DecisionTaken(LegalFact):
    """An express decision was signed (docs/law.md 22)."""


@dataclass(frozen=True)
class DecisionNotified(LegalFact):
    """There is proof that an express decision reached the person."""


@dataclass(frozen=True)
class AbuseDeclared(LegalFact):
    """The sender's messages are abusive (docs/law.md 13)."""


@dataclass(frozen=True)
class AbuseLifted(LegalFact):
    """Somebody says that they are not: receipts are owed as if nobody had declared them so."""


@dataclass(frozen=True)
class PriorRemedy(LegalFact):
    """The person asks again before they may go to court: the remedy that comes before (recours préalable)."""


@dataclass(frozen=True)
class RightsRequested(LegalFact):
    """The person asks for a right of the GDPR (docs/law.md 33)."""


@dataclass(frozen=True)
class RightsExtended(LegalFact):
    """The person was told that it takes two months more, and why. asked_on: when they asked for it; None: not said."""

    asked_on: date | None = None


@dataclass(frozen=True)
class RightsAnswered(LegalFact):
    """What they asked for was done, or refused with reasons."""


@dataclass(frozen=True)
class ReceiptSent(LegalFact):
    """A receipt left."""

    receipt: Receipt


@dataclass(frozen=True)
class PriorityGiven(LegalFact):
    """How urgent it is, by a name of the town's own."""

    priority: str


@dataclass(frozen=True)
class Answered(LegalFact):
    """An answer left. It is no decision, and stops no silence."""


@dataclass(frozen=True)
class Closed(LegalFact):
    """The case was closed. Nor is that a decision."""


@dataclass(frozen=True)
class Reopened(LegalFact):
    """A case that was closed is open again. It moves no clock of the law, as closing does not."""


@dataclass(frozen=True)
class Withdrawn(LegalFact):
    """A fact was told by mistake: from this day on it does not count. what: the fact, as it was told."""

    what: LegalFact
