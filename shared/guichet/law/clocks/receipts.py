"""The two receipts that the law owes for an electronic seizing (docs/law.md 7, 8, 13, 16). Pure."""

from collections.abc import Iterator
from datetime import date

from guichet.law.calendar import WorkingDays
from guichet.law.clocks.abuse import abusive_since
from guichet.law.clocks.clock import Basis, Clock, ClockKind, ClockState, Follows
from guichet.law.clocks.duty import first_of, state_of
from guichet.law.clocks.facts import Receipt, ReceiptSent, Received, Saisine, Transferred
from guichet.law.clocks.known_facts import KnownFacts
from guichet.law.clocks.national_rules import RECEIPTS


def receipt_clocks(history: KnownFacts, received: Received, working_days: WorkingDays) -> Iterator[Clock]:
    """Yield those of the AEE and of the ARE; an ARE serves for both. None of what seizes nobody, or came by hand.

    Nor of what came before the law owed any: the rule of the day of receipt counts.
    """
    version = RECEIPTS.on(received.on)
    if received.saisine is not Saisine.ELECTRONIC or version is None:
        return
    law = version.rule
    sent = {receipt: _sent_on(history, receipt) for receipt in Receipt}
    owed = (
        (ClockKind.AEE, Follows.AEE, law.aee, first_of(sent[Receipt.AEE], sent[Receipt.ARE])),
        (ClockKind.ARE, Follows.ARE, law.are, sent[Receipt.ARE]),
    )
    for kind, follows, days, sent_on in owed:
        due = working_days.after(received.on, days)
        basis = Basis(follows, law.source, days=days).under(version)
        state, ended, basis = as_it_stands(basis, due, sent_on, history)
        yield Clock(kind, state, basis, received.on, due, ended, done_on=sent_on)


def _sent_on(history: KnownFacts, receipt: Receipt) -> date | None:
    return next((each.on for each in history.all(ReceiptSent) if each.receipt is receipt), None)


def as_it_stands(
    basis: Basis, due: date, sent: date | None, history: KnownFacts
) -> tuple[ClockState, date | None, Basis]:
    """Return the state of what is owed for an acknowledgement, the day on which it ended, and what it follows.

    sent: when it was done.
    """
    abusive, transferred = abusive_since(history), history.first_on(Transferred)
    state, ended = state_of(due, done=sent, stopped=transferred, as_of=history.as_of)
    if state is not ClockState.MET and abusive is not None:  # it never was owed, whenever somebody said so
        return ClockState.STOPPED, abusive, Basis(Follows.ABUSE)
    return state, ended, Basis(Follows.COMPETENT_ONE) if state is ClockState.STOPPED else basis
