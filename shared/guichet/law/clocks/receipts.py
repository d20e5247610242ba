"""The two receipts that the law owes for an electronic seizing (docs/law.md 7, 8, 13, 16). Pure."""

from collections.abc import Iterator
from datetime import date

from guichet.law.calendar import WorkingDays
from guichet.law.clocks.clock import Basis, Clock, ClockKind, ClockState, Follows
from guichet.law.clocks.duty import first_of, state_of
from guichet.law.clocks.facts import AbuseDeclared, Receipt, ReceiptSent, Received, Saisine, Transferred
from guichet.law.clocks.known_facts import KnownFacts


def receipt_clocks(history: KnownFacts, received: Received, working_days: WorkingDays) -> Iterator[Clock]:
    """Yield those of the AEE and of the ARE; an ARE serves for both. None of what seizes nobody, or came by hand."""
    if received.saisine is not Saisine.ELECTRONIC:
        return
    sent = {receipt: _sent_on(history, receipt) for receipt in Receipt}
    aee, are = working_days.aee_due(received.on), working_days.are_due(received.on)
    yield _clock(ClockKind.AEE, history, received.on, aee, first_of(sent[Receipt.AEE], sent[Receipt.ARE]))
    yield _clock(ClockKind.ARE, history, received.on, are, sent[Receipt.ARE])


def _sent_on(history: KnownFacts, receipt: Receipt) -> date | None:
    return next((each.on for each in history.all(ReceiptSent) if each.receipt is receipt), None)


def _clock(kind: ClockKind, history: KnownFacts, began: date, due: date, sent: date | None) -> Clock:
    abusive, transferred = history.first_on(AbuseDeclared), history.first_on(Transferred)
    state, ended = state_of(due, done=sent, stopped=transferred, as_of=history.as_of)
    basis = Basis(Follows.AEE if kind is ClockKind.AEE else Follows.ARE)
    if state is not ClockState.MET and abusive is not None:  # it never was owed, whenever somebody said so
        state, ended, basis = ClockState.STOPPED, abusive, Basis(Follows.ABUSE)
    elif state is ClockState.STOPPED:
        basis = Basis(Follows.COMPETENT_ONE)
    return Clock(kind, state, basis, began, due, ended)
