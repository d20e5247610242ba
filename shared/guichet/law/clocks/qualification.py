"""That somebody says what a request is, so that its full acknowledgement leaves in time. Pure."""

from collections.abc import Iterator
from typing import Final

from guichet.law.calendar import WorkingDays
from guichet.law.clocks.abuse import abusive_since
from guichet.law.clocks.clock import Basis, Clock, ClockKind, Follows
from guichet.law.clocks.duty import first_of, state_of
from guichet.law.clocks.facts import ProcedureConfirmed, Qualified, Receipt, ReceiptSent, Received, Saisine, Transferred
from guichet.law.clocks.known_facts import KnownFacts

WORKING_DAYS_TO_QUALIFY: Final = 7
"""Ours: three working days before the acknowledgement is due."""


def qualification_clock(history: KnownFacts, received: Received, working_days: WorkingDays) -> Iterator[Clock]:
    """Yield its clock, for what seizes the town electronically."""
    if received.saisine is not Saisine.ELECTRONIC:
        return
    due = working_days.after(received.on, WORKING_DAYS_TO_QUALIFY)
    said = first_of(history.first_on(ProcedureConfirmed), history.first_on(Qualified))
    done = None if said is None else max(said, received.on)  # a rule of the town's says it as the message comes
    acknowledged = (fact.on for fact in history.all(ReceiptSent) if fact.receipt is Receipt.ARE)
    stopped = first_of(next(acknowledged, None), history.first_on(Transferred), abusive_since(history))
    state, ended = state_of(due, done=done, stopped=stopped, as_of=history.as_of)
    basis = Basis(Follows.QUALIFICATION, days=WORKING_DAYS_TO_QUALIFY)
    yield Clock(ClockKind.QUALIFICATION, state, basis, received.on, due, ended)
