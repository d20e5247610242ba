"""From when on an express decision stands against silence (docs/law.md 22). Pure."""

from datetime import date

from guichet.law.clocks.events import DecisionNotified, DecisionTaken
from guichet.law.clocks.history import History


def decided_on(history: History, after: date | None = None) -> date | None:
    """Return the day on which a decision that was taken had been notified, too; None: none yet.

    after: only what was taken later than that day, so on the remedy that came then.
    """
    taken = [event.on for event in history.all(DecisionTaken) if after is None or event.on > after]
    notified = (event.on for event in history.all(DecisionNotified))
    return next((day for day in notified if taken and taken[0] <= day), None)


def is_taken_only(history: History) -> bool:
    """Say whether a decision was taken of which there is no proof that it was notified."""
    return bool(history.all(DecisionTaken)) and decided_on(history) is None
