"""What of a case's facts is known on a day: a set, whatever order and however often they came in. Pure."""

from collections.abc import Iterable
from datetime import date
from typing import Final, TypeVar

from guichet.law.clocks.facts import (
    AbuseDeclared,
    AbuseLifted,
    Answered,
    Closed,
    DecisionNotified,
    DecisionTaken,
    FileComplete,
    LegalFact,
    PiecesAskedFor,
    PriorRemedy,
    ReceiptSent,
    Reopened,
    TransferAnnounced,
    Transferred,
)
from guichet.law.clocks.withdrawals import withdrawn_of

E = TypeVar("E", bound=LegalFact)

DEEDS: Final = (
    AbuseDeclared,
    AbuseLifted,
    Answered,
    Closed,
    DecisionNotified,
    DecisionTaken,
    FileComplete,
    PiecesAskedFor,
    PriorRemedy,
    ReceiptSent,
    Reopened,
    TransferAnnounced,
    Transferred,
)
"""What follows a request, and so cannot have been before it: a year that was mistyped."""


class KnownFacts:
    """The facts up to a day, that day included, without those that were withdrawn by then."""

    def __init__(self, facts: Iterable[LegalFact], as_of: date) -> None:
        """facts: in any order, the same one twice or not."""
        self.as_of = as_of
        self.told = frozenset(fact for fact in facts if fact.on <= as_of)
        self._known = sorted(self.told - withdrawn_of(self.told), key=lambda fact: fact.at)

    def before(self, day: date) -> "KnownFacts":
        """Return what was known when `day` began, as it stood then."""
        return KnownFacts((fact for fact in self.told if fact.on < day), day)

    def until(self, day: date) -> "KnownFacts":
        """Return those of up to a day, that day included, but for what is withdrawn by now."""
        return KnownFacts((fact for fact in self._known if fact.on <= day), day)

    def since(self, day: date) -> "KnownFacts":
        """Return it without the deeds that are dated before `day`, on which a clock began that they cannot touch."""
        return KnownFacts((fact for fact in self.told if fact.on >= day or not isinstance(fact, DEEDS)), self.as_of)

    def has_deed_before(self, day: date) -> bool:
        """Say whether there are such deeds."""
        return any(isinstance(fact, DEEDS) and fact.on < day for fact in self._known)

    def all(self, kind: type[E]) -> list[E]:
        """Return those of one kind, by time."""
        return [fact for fact in self._known if isinstance(fact, kind)]

    def first_on(self, kind: type[LegalFact]) -> date | None:
        """Return the day of the first of its kind."""
        return next((fact.on for fact in self._known if isinstance(fact, kind)), None)

    def latest(self, kind: type[E]) -> E | None:
        """Return the last of its kind; None where there is none, or several of one moment contradict each other."""
        found = self.all(kind)
        return found[-1] if found and not self.contradicts_itself(kind) else None

    def contradicts_itself(self, kind: type[LegalFact]) -> bool:
        """Say whether several facts of the last moment say different things, of which no order tells the later one."""
        found = self.all(kind)
        return len(found) > 1 and found[-1].at == found[-2].at
