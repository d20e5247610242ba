"""What a town promises beyond the law: when a first answer leaves, and when a case is closed. Pure."""

from collections.abc import Iterator
from datetime import date

from guichet.law.calendar import WorkingDays
from guichet.law.clocks.clock import Basis, Clock, ClockKind, Follows
from guichet.law.clocks.decision import express_decision_on
from guichet.law.clocks.duty import first_of, state_of
from guichet.law.clocks.facts import Answered, Closed, PriorityGiven, Transferred
from guichet.law.clocks.in_force import Version
from guichet.law.clocks.known_facts import KnownFacts
from guichet.law.clocks.rules import NORMAL, ProcedureRule, Targets


def target_clocks(
    history: KnownFacts, received: date, procedure: Version[ProcedureRule] | None, working_days: WorkingDays
) -> Iterator[Clock]:
    """Yield those of the case's priority, in working days from receipt. Neither question nor re-routing moves one."""
    given = history.latest(PriorityGiven)
    if procedure is None or history.contradicts_itself(PriorityGiven):
        return
    targets = procedure.rule.targets.get(given.priority if given else NORMAL, Targets())
    closed, transferred = history.first_on(Closed), history.first_on(Transferred)
    answered = first_of(history.first_on(Answered), express_decision_on(history))
    wanted = (
        (ClockKind.FIRST_ANSWER, Follows.FIRST_ANSWER, targets.first_answer, answered, first_of(closed, transferred)),
        (ClockKind.CLOSING, Follows.CLOSING, targets.closing, closed, transferred),
    )
    for kind, follows, days, done, stopped in wanted:
        if days is not None:
            due = working_days.after(received, days)
            state, ended = state_of(due, done=done, stopped=stopped, as_of=history.as_of)
            yield Clock(kind, state, Basis(follows, days=days).under(procedure), received, due, ended)
