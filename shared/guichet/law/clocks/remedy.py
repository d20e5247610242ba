"""The remedy that a procedure wants before a court: silence on it rejects (docs/law.md 24, 62). Pure."""

from collections.abc import Iterator

from guichet.law.clocks.clock import Basis, Clock, ClockKind, ClockState, Follows
from guichet.law.clocks.decision import express_decision_on
from guichet.law.clocks.facts import PriorRemedy
from guichet.law.clocks.known_facts import KnownFacts
from guichet.law.clocks.rules import ProcedureRule, SilenceMeans


def remedy_clocks(history: KnownFacts, procedure: ProcedureRule | None) -> Iterator[Clock]:
    """Yield one where a remedy came and its rule is confirmed. It is stopped by a decision that was taken later."""
    remedies = history.all(PriorRemedy)
    rule = procedure.remedy if procedure else None
    if not remedies or rule is None or rule.source is None or rule.means is not SilenceMeans.REJECTS:
        return
    began = remedies[0].on
    due, decided = rule.after.after(began), express_decision_on(history, after=remedies[0].at)
    state, ended = ClockState.RUNNING, None
    if decided is not None and decided <= due:
        state, ended = ClockState.STOPPED, decided
    elif history.as_of > due:
        state, ended = ClockState.DECIDED, due
    basis = Basis(Follows.REMEDY, rule.source, rule.after)
    means = None if state is ClockState.STOPPED else SilenceMeans.REJECTS
    yield Clock(ClockKind.PRIOR_REMEDY, state, basis, began, due, ended, means)
