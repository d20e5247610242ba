"""From when on an express decision stands against silence (docs/law.md 22). Pure."""

from datetime import date, datetime

from guichet.law.clocks.facts import DecisionNotified, DecisionTaken
from guichet.law.clocks.known_facts import KnownFacts


def express_decision_on(history: KnownFacts, after: datetime | None = None) -> date | None:
    """Return the day on which a decision that was taken had been notified, too; None: none yet.

    after: only what was taken later than that moment, so on the remedy that came then.
    """
    taken = [fact.at for fact in history.all(DecisionTaken) if after is None or fact.at > after]
    return next((fact.on for fact in history.all(DecisionNotified) if taken and taken[0] <= fact.at), None)


def is_taken_only(history: KnownFacts) -> bool:
    """Say whether a decision was taken of which there is no proof that it was notified."""
    return bool(history.all(DecisionTaken)) and express_decision_on(history) is None


def is_notified_only(history: KnownFacts) -> bool:
    """Say whether a decision was notified which nobody said to be taken."""
    return bool(history.all(DecisionNotified)) and not history.all(DecisionTaken)
