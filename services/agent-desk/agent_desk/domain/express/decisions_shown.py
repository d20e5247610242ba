"""The express decisions of a case, as a page shows them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from agent_desk.domain.express.decision_words import DecisionWords, read_back
from guichet.case.legal_facts import standing
from guichet.case.record import CaseRecord
from guichet.contracts.legal_facts import Decision, FactKind, Outcome, StatedFact
from guichet.ids import NoteId
from guichet.law.calendar import paris_date


@dataclass(frozen=True)
class DecisionShown:
    """A decision that stands. words: None where they are not to be opened any more."""

    outcome: Outcome
    on: date
    note_id: NoteId
    words: DecisionWords | None = field(repr=False)


@dataclass(frozen=True)
class DecisionsShown:
    """taken: the newest first. notified: each notification that stands, the newest first."""

    taken: tuple[DecisionShown, ...]
    notified: tuple[StatedFact, ...]

    @property
    def awaits_proof(self) -> bool:
        """Whether the newest decision is one of which nobody has said that it was notified."""
        if not self.taken:
            return False
        return not any(paris_date(each.at) >= self.taken[0].on for each in self.notified)


def decisions_taken(case: CaseRecord) -> tuple[Decision, ...]:
    """Return those that stand, by time."""
    return tuple(each.decision for each in standing(case.facts) if each.decision is not None)


def decisions_shown(case: CaseRecord, notes: Mapping[NoteId, str]) -> DecisionsShown:
    """Return them. notes: what those say that could be opened."""
    told = (*reversed(standing(case.facts)),)
    taken = ((each.decision, paris_date(each.at)) for each in told if each.decision is not None)
    shown = (DecisionShown(one.outcome, on, one.words, read_back(notes.get(one.words, ""))) for one, on in taken)
    return DecisionsShown(tuple(shown), tuple(each for each in told if each.event is FactKind.DECISION_NOTIFIED))
