"""The remedy that a procedure wants before a court: silence on it rejects (docs/law.md 24, 62). Pure."""

from collections.abc import Iterator

from guichet.law.clocks.clock import Basis, Clock, ClockKind, ClockState, Follows
from guichet.law.clocks.decision import express_decision_on
from guichet.law.clocks.facts import PriorRemedy
from guichet.law.clocks.in_force import Version
from guichet.law.clocks.known_facts import KnownFacts
from guichet.law.clocks.procedure_in_force import procedure_of
from guichet.law.clocks.rules import SilenceMeans, SilenceRule, TownRules


def remedy_clocks(history: KnownFacts, town: TownRules) -> Iterator[Clock]:
    """Yield one where a remedy came and the rule of that day is confirmed. A decision that was taken later stops it."""
    remedies = history.all(PriorRemedy)
    rule = remedy_rule_of(history, town)
    if rule is None:
        return
    began, law = remedies[0].on, rule.rule
    due, decided = law.after.after(began), express_decision_on(history, after=remedies[0].at)
    state, ended = ClockState.RUNNING, None
    if decided is not None and decided <= due:
        state, ended = ClockState.STOPPED, decided
    elif history.as_of > due:
        state, ended = ClockState.DECIDED, due
    basis = Basis(Follows.REMEDY, law.source, law.after).under(rule)
    means = None if state is ClockState.STOPPED else SilenceMeans.REJECTS
    yield Clock(ClockKind.PRIOR_REMEDY, state, basis, began, due, ended, means)


def remedy_rule_of(history: KnownFacts, town: TownRules) -> Version[SilenceRule] | None:
    """Return the confirmed rule of the day on which the remedy came; None: no remedy, or no such rule."""
    began = history.first_on(PriorRemedy)
    procedure = procedure_of(history, town, began) if began else None
    rule = procedure.rule.remedy if procedure else None
    if procedure is None or rule is None or rule.source is None or rule.means is not SilenceMeans.REJECTS:
        return None
    return procedure.part(rule)
