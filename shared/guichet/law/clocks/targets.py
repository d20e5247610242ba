"""What a town promises beyond the law: when a first answer leaves, and when a case is closed. Pure."""

from collections.abc import Iterator
from datetime import date

from guichet.law.calendar import WorkingDays
from guichet.law.clocks.clock import Basis, Clock, ClockKind, Follows
from guichet.law.clocks.decision import express_decision_on
from guichet.law.clocks.duty import first_of, state_of
from guichet.law.clocks.facts import Answered, Closed, PriorityGiven, Reopened, Transferred
from guichet.law.clocks.in_force import Version
from guichet.law.clocks.known_facts import KnownFacts
from guichet.law.clocks.rules import NORMAL, ProcedureRule, Targets


def target_clocks(
    history: KnownFacts, received: date, procedure: Version[ProcedureRule] | None, working_days: WorkingDays
) -> Iterator[Clock]:
    """Yield those of the case's priority, in working days from receipt. Neither question nor re-routing moves one.

    A case that was closed and is open again has its closing anew, and the first answer that it never got.
    """
    given = history.latest(PriorityGiven)
    if procedure is None or history.contradicts_itself(PriorityGiven):
        return
    targets = procedure.rule.targets.get(given.priority if given else NORMAL, Targets())
    transferred = history.first_on(Transferred)
    anew = _reopened(history)
    answered = first_of(history.first_on(Answered), express_decision_on(history))
    begun = anew.on if anew else received
    closed = next((fact.on for fact in history.all(Closed) if anew is None or fact.at > anew.at), None)
    is_answered = anew is None or (answered is not None and answered <= anew.on)
    first_closed = history.first_on(Closed) if is_answered else closed
    since = received if is_answered else begun
    wanted = (
        (ClockKind.FIRST_ANSWER, Follows.FIRST_ANSWER, targets.first_answer, since, answered, first_closed),
        (ClockKind.CLOSING, Follows.CLOSING, targets.closing, begun, closed, None),
    )
    for kind, follows, days, began, done, stopped in wanted:
        if days is not None:
            due = working_days.after(began, days)
            state, ended = state_of(due, done=done, stopped=first_of(stopped, transferred), as_of=history.as_of)
            basis = Basis(follows, days=days).under(procedure)
            yield Clock(kind, state, basis, began, due, ended, done_on=done)


def _reopened(history: KnownFacts) -> Reopened | None:
    """Return the last reopening of what was closed, from which the targets count anew; None: none, or not ours."""
    closed, transferred = history.all(Closed), history.all(Transferred)
    found = [fact for fact in history.all(Reopened) if closed and closed[0].at <= fact.at]
    ours = [fact for fact in found if not transferred or fact.at < transferred[0].at]
    return ours[-1] if ours else None
