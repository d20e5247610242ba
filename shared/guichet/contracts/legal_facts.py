"""What happened to a case, as far as the law's clocks ask for it, in the words of docs/clocks.md.

Agents tell some of it by a command; the rest follows from what happened to the case.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AwareDatetime,
    Field,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from guichet.contracts.base import Contract
from guichet.ids import NoteId, ProcedureId

Day = Annotated[date, PlainSerializer(date.isoformat, return_type=str)]
"""A day in Paris, written YYYY-MM-DD wherever it lies: in that order days are sorted as text, too."""

LONG_AGO: Final = date.min
"""The day on which the clocks of a case of before are to be reckoned (migration 60)."""
PIECES_AT_MOST: Final = 30  # that one letter asks for


class FactKind(StrEnum):
    """What happened."""

    PROCEDURE_CONFIRMED = "procedure-confirmed"
    QUALIFIED = "qualified"
    PRIORITY_GIVEN = "priority-given"
    PIECES_ASKED_FOR = "pieces-asked-for"
    PIECE_ARRIVED = "piece-arrived"
    FILE_COMPLETE = "file-complete"
    DECISION_TAKEN = "decision-taken"
    DECISION_NOTIFIED = "decision-notified"
    TRANSFERRED = "transferred"
    TRANSFER_ANNOUNCED = "transfer-announced"
    PRIOR_REMEDY = "prior-remedy"
    RIGHTS_REQUESTED = "rights-requested"
    RIGHTS_EXTENDED = "rights-extended"
    RIGHTS_ANSWERED = "rights-answered"
    WITHDRAWN = "withdrawn"
    ABUSE_DECLARED = "abuse-declared"
    ABUSE_LIFTED = "abuse-lifted"
    RECEIPT_SENT = "receipt-sent"
    ANSWERED = "answered"
    CLOSED = "closed"
    REOPENED = "reopened"


Nature = Literal["request", "complaint", "appeal", "information", "anonymous", "threatening"]
NEED_REASON: Final[frozenset[Nature]] = frozenset({"anonymous", "threatening"})
"""What takes a case its silence without anything being decided: who says so writes down what shows it."""
Outcome = Literal["granted", "partly-granted", "refused"]
"""What an express decision says."""
Way = Literal["electronic", "posted", "handed-over"]
"""How a decision reached the person: the proof of it is kept with the decision's words."""

DATED_BY_AGENTS: Final = frozenset(
    {
        FactKind.PIECES_ASKED_FOR,
        FactKind.PIECE_ARRIVED,
        FactKind.DECISION_TAKEN,
        FactKind.DECISION_NOTIFIED,
        FactKind.TRANSFERRED,
        FactKind.TRANSFER_ANNOUNCED,
        FactKind.PRIOR_REMEDY,
        FactKind.RIGHTS_REQUESTED,
        FactKind.RIGHTS_EXTENDED,
        FactKind.RIGHTS_ANSWERED,
    }
)
"""What agents say of a day that may be past: on it the letter was posted, or the piece came."""
STATED_BY_AGENTS: Final = DATED_BY_AGENTS | {
    FactKind.PROCEDURE_CONFIRMED,
    FactKind.QUALIFIED,
    FactKind.PRIORITY_GIVEN,
    FactKind.FILE_COMPLETE,
}
"""What an agent may tell, and withdraw. The rest is told by what happened to the case."""
BORNE_BY_ANSWERS: Final = frozenset(
    {
        FactKind.PIECES_ASKED_FOR,
        FactKind.TRANSFER_ANNOUNCED,
        FactKind.RIGHTS_EXTENDED,
        FactKind.RIGHTS_ANSWERED,
    }
)
"""What an answer may do in law: it is so from the moment at which the answer has left."""
_BEARS: Final = {
    FactKind.PROCEDURE_CONFIRMED: "procedure",
    FactKind.QUALIFIED: "nature",
    FactKind.PRIORITY_GIVEN: "priority",
    FactKind.PIECES_ASKED_FOR: "asked",
    FactKind.PIECE_ARRIVED: "piece",
    FactKind.DECISION_TAKEN: "decision",
    FactKind.DECISION_NOTIFIED: "way",
    FactKind.TRANSFERRED: "to",
    FactKind.RIGHTS_EXTENDED: "asked_on",
    FactKind.WITHDRAWN: "what",
    FactKind.RECEIPT_SENT: "receipt",
}


class AskedPiece(Contract):
    """A piece of a procedure, by its name in the catalogue. required_by: the text that the letter cites; None: none."""

    name: str
    required_by: str | None = None


class AskedPieces(Contract):
    """What one letter asks for. until: the last day of the time that it gives."""

    pieces: tuple[AskedPiece, ...] = Field(min_length=1, max_length=PIECES_AT_MOST)
    until: Day


class Decision(Contract):
    """An express decision. words: the note that keeps who signed it, its reasons, its remedies and its document."""

    outcome: Outcome
    words: NoteId


class StatedFact(Contract):
    """One fact. event: its kind; at: when it was so in law; besides, the one field that its kind bears."""

    event: FactKind
    at: AwareDatetime
    procedure: ProcedureId | None = None
    nature: Nature | None = None
    priority: str | None = None
    asked: AskedPieces | None = None
    piece: str | None = None
    decision: Decision | None = None
    way: Way | None = None
    to: str | None = None  # the name of an authority of the town's directory
    asked_on: Day | None = None
    receipt: Literal["aee", "are"] | None = None
    what: "StatedFact | None" = None

    @model_validator(mode="after")
    def _bear_its_own(self) -> Self:
        given = {name for name in _BEARS.values() if getattr(self, name) is not None}
        wanted = {_BEARS[self.event]} if self.event in _BEARS else set[str]()
        if given != wanted:
            raise ValueError(f"{self.event} bears {sorted(wanted) or 'nothing'}, not {sorted(given) or 'nothing'}")
        return self

    @model_serializer(mode="wrap")
    def _without_blanks(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in write(self).items() if value is not None}

    @property
    def needs_reason(self) -> bool:
        """Whether whoever tells it writes down what shows it."""
        return self.nature in NEED_REASON

    @property
    def value(self) -> str | None:
        """What it says, as a code: of what was withdrawn its kind. None: nothing but that it happened."""
        what = None if self.what is None else str(self.what.event)
        outcome = None if self.decision is None else self.decision.outcome
        of_its_own = (self.procedure, self.nature, self.priority, self.piece, outcome, self.way, self.to, self.receipt)
        return next((each for each in of_its_own if each is not None), what)
