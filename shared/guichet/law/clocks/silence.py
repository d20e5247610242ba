"""The silence of an administration: it accepts, or it rejects (docs/law.md 16, 19–23). Pure.

It decides when its day is over, a Sunday or a holiday as any other. Only an express decision that was notified by then,
or a transfer, stops it: no answer, no question and no closing does.
"""

from collections.abc import Sequence
from datetime import date

from guichet.law.clocks.clock import Clock, ClockKind, ClockState, Follows, Rule
from guichet.law.clocks.decision import decided_on
from guichet.law.clocks.duty import first_of
from guichet.law.clocks.events import Received, Transferred
from guichet.law.clocks.history import History
from guichet.law.clocks.pieces import Notice, acceptance_begins, rejection_decides_on, suspensions
from guichet.law.clocks.rules import SilenceMeans, SilenceRule


def silence_clock(history: History, received: Received, rule: SilenceRule, notices: Sequence[Notice]) -> Clock:
    """Return the clock of a confirmed rule that accepts or rejects."""
    if rule.means is SilenceMeans.ACCEPTS:
        return _acceptance(history, received.on, rule, notices)
    first_received = first_of(received.elsewhere_on, received.on) or received.on
    return _rejection(history, first_received, rule, notices)


def _acceptance(history: History, received: date, rule: SilenceRule, notices: Sequence[Notice]) -> Clock:
    """From receipt by the competent administration, and from the last piece that a text requires."""
    begins = acceptance_begins(received, rule.after, notices)
    due = rule.after.after(begins) if begins else None
    waiting = ClockState.RUNNING if begins else ClockState.NOT_BEGUN
    follows = Follows.ACCEPTANCE if begins == received else Follows.ACCEPTANCE_OF_WHOLE
    return _clock(history, rule, Rule(follows, rule.source, rule.after), begins, due, waiting)


def _rejection(history: History, received: date, rule: SilenceRule, notices: Sequence[Notice]) -> Clock:
    """From receipt by whoever was first, without the days for which a piece lacked."""
    suspending = suspensions(received, rule.after, notices)
    due = rejection_decides_on(received, rule.after, suspending)
    is_suspended = any(each.arrived is None and history.as_of <= each.until for each in suspending)
    waiting = ClockState.SUSPENDED if is_suspended else ClockState.RUNNING
    follows = Follows.REJECTION_SUSPENDED if suspending else Follows.REJECTION
    return _clock(history, rule, Rule(follows, rule.source, rule.after), received, due, waiting)


def _clock(
    history: History, silence: SilenceRule, rule: Rule, began: date | None, due: date | None, waiting: ClockState
) -> Clock:
    decision, transfer = decided_on(history), history.first_on(Transferred)
    stopped = first_of(decision, transfer)
    state, ended = waiting, None
    if stopped is not None and (due is None or stopped <= due):
        state, ended = ClockState.STOPPED, stopped
        rule = Rule(Follows.DECISION if stopped == decision else Follows.COMPETENT_ONE)
    elif due is not None and history.as_of > due:
        state, ended = ClockState.DECIDED, due
    return Clock(ClockKind.SILENCE, state, rule, began, due, ended, silence.means)
