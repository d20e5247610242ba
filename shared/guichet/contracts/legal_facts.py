"""What happened to a case, as far as the law's clocks ask for it, in the words of docs/clocks.md.

Agents tell some of it by a command; the rest follows from what happened to the case.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AwareDatetime, PlainSerializer, SerializerFunctionWrapHandler, model_serializer, model_validator

from guichet.contracts.base import Contract
from guichet.ids import ProcedureId

Day = Annotated[date, PlainSerializer(date.isoformat, return_type=str)]
"""A day in Paris, written YYYY-MM-DD wherever it lies: in that order days are sorted as text, too."""

LONG_AGO: Final = date.min
"""The day on which the clocks of a case of before are to be reckoned (migration 60)."""


class FactKind(StrEnum):
    """What happened."""

    PROCEDURE_CONFIRMED = "procedure-confirmed"
    QUALIFIED = "qualified"
    PRIORITY_GIVEN = "priority-given"
    WITHDRAWN = "withdrawn"
    ABUSE_DECLARED = "abuse-declared"
    ABUSE_LIFTED = "abuse-lifted"
    RECEIPT_SENT = "receipt-sent"
    ANSWERED = "answered"
    CLOSED = "closed"
    REOPENED = "reopened"


Nature = Literal["request", "complaint", "appeal", "information", "anonymous", "threatening"]
STATED_BY_AGENTS: Final = frozenset({FactKind.PROCEDURE_CONFIRMED, FactKind.QUALIFIED, FactKind.PRIORITY_GIVEN})
"""What an agent may tell, and withdraw. The rest is told by what happened to the case."""
_BEARS: Final = {
    FactKind.PROCEDURE_CONFIRMED: "procedure",
    FactKind.QUALIFIED: "nature",
    FactKind.PRIORITY_GIVEN: "priority",
    FactKind.WITHDRAWN: "what",
    FactKind.RECEIPT_SENT: "receipt",
}


class StatedFact(Contract):
    """One fact. event: its kind; at: when it was so in law; besides, the one field that its kind bears."""

    event: FactKind
    at: AwareDatetime
    procedure: ProcedureId | None = None
    nature: Nature | None = None
    priority: str | None = None
    receipt: Literal["aee", "are"] | None = None
    what: "StatedFact | None" = None

    @model_validator(mode="after")
    def _bear_its_own(self) -> Self:
        own = ("procedure", "nature", "priority", "receipt", "what")
        given = {name for name in own if getattr(self, name) is not None}
        wanted = {_BEARS[self.event]} if self.event in _BEARS else set[str]()
        if given != wanted:
            raise ValueError(f"{self.event} bears {sorted(wanted) or 'nothing'}, not {sorted(given) or 'nothing'}")
        return self

    @model_serializer(mode="wrap")
    def _without_blanks(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in write(self).items() if value is not None}

    @property
    def value(self) -> str | None:
        """What it says, as a code: of what was withdrawn its kind. None: nothing but that it happened."""
        what = None if self.what is None else str(self.what.event)
        return self.procedure or self.nature or self.priority or self.receipt or what
