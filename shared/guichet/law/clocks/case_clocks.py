"""Every clock of a case on a day, what is due next, and what a person has to look at. Pure; no clock of the machine.

A worker keeps the result beside the case: `next_due` is what a row is sorted by, `changes_on` when to reckon anew
though nothing happened.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from guichet.law.clocks.clock import Clock, ClockKind, ClockState, Follows
from guichet.law.clocks.decision import decided_on, is_taken_only
from guichet.law.clocks.duty import first_of
from guichet.law.clocks.events import Event, ProcedureConfirmed, Received, Transferred
from guichet.law.clocks.history import History
from guichet.law.clocks.pieces import Notice, notices_of, piece_clocks
from guichet.law.clocks.receipts import receipt_clocks
from guichet.law.clocks.remedy import remedy_clocks
from guichet.law.clocks.rights import rights_clocks
from guichet.law.clocks.rules import SilenceMeans, SilenceRule, TownRules
from guichet.law.clocks.silence import silence_clock
from guichet.law.clocks.silence_rule import Doubt, procedure_of, silence_of
from guichet.law.clocks.targets import target_clocks
from guichet.law.clocks.transfer import transfer_clocks

_EFFECTS: Final = {
    SilenceMeans.ACCEPTS: Follows.PIECES_OF_ACCEPTANCE,
    SilenceMeans.REJECTS: Follows.PIECES_OF_REJECTION,
}


@dataclass(frozen=True)
class CaseClocks:
    """as_of: the day that they are of. doubts: what a person has to look at before anything is said of a silence."""

    as_of: date
    clocks: tuple[Clock, ...]
    doubts: tuple[Doubt, ...]

    @property
    def next_due(self) -> Clock | None:
        """The open clock of the town's that is due first, or overdue for the longest; None: nothing is due.

        The time that a citizen has for pieces is no duty of the town's.
        """
        due = (each for each in self.clocks if each.is_open and each.due and each.kind is not ClockKind.MISSING_PIECES)
        return min(due, key=lambda clock: clock.due or date.max, default=None)

    @property
    def changes_on(self) -> date | None:
        """The first day on which a clock stands differently though nothing happens; None: none does."""
        ahead = (clock.due for clock in self.clocks if clock.is_open and clock.due and clock.due >= self.as_of)
        first = min(ahead, default=None)
        return None if first is None else first + timedelta(days=1)

    @property
    def work_waits(self) -> bool:
        """Whether a piece lacks that the procedure calls indispensable; else work goes on (docs/law.md 61)."""
        return any(clock.rule.waits for clock in self.clocks)


def case_clocks(events: Iterable[Event], town: TownRules, as_of: date) -> CaseClocks:
    """Return the clocks of a case. events: in any order, the same twice or not; those after `as_of` do not count."""
    history = History(events, as_of)
    received = _first_receipt(history)
    clocks, doubts = (*rights_clocks(history, town),), tuple[Doubt, ...]()
    if received is not None:
        procedure = procedure_of(history, town)
        silence = silence_of(history, received, town)
        notices = notices_of(history, procedure)
        clocks = (
            *receipt_clocks(history, received, town.working_days),
            *_of_silence(history, received, silence.rule, notices),
            *transfer_clocks(history),
            *remedy_clocks(history, procedure),
            *clocks,
            *target_clocks(history, received.on, procedure, town.working_days),
        )
        doubts = (*_doubts(history, town, clocks, silence.doubt),)
    return CaseClocks(as_of, clocks, doubts)


def _first_receipt(history: History) -> Received | None:
    """Return the first; of several at one moment the one that owes most."""
    found = history.all(Received)
    ways = ["electronic", "stamped", "contact-only"]
    together = [each for each in found if each.at == found[0].at]
    return min(together, key=lambda each: (ways.index(each.way), each.elsewhere_on or date.max), default=None)


def _of_silence(
    history: History, received: Received, rule: SilenceRule | None, notices: Sequence[Notice]
) -> Iterator[Clock]:
    if rule is not None:
        yield silence_clock(history, received, rule, notices)
    stopped = first_of(decided_on(history), history.first_on(Transferred))
    effect = _EFFECTS[rule.means] if rule is not None else Follows.PIECES_ALONE
    yield from piece_clocks(history, notices, effect, stopped)


def _doubts(history: History, town: TownRules, clocks: Sequence[Clock], doubt: Doubt | None) -> Iterator[Doubt]:
    if doubt is not None:
        yield doubt
    if is_taken_only(history):
        yield Doubt.NOT_NOTIFIED
    if _had_decided_before(history, town, clocks):
        yield Doubt.DECIDED_BEFORE


def _had_decided_before(history: History, town: TownRules, clocks: Sequence[Clock]) -> bool:
    """Say whether silence had decided under a procedure of before, and no longer has, or otherwise."""
    now = _decision_of_silence(clocks)
    changes = {event.on for event in history.all(ProcedureConfirmed)}
    for day in sorted(changes)[1:]:
        before = history.before(day)
        received = _first_receipt(before)
        rule = silence_of(before, received, town).rule if received else None
        if received is None or rule is None:
            continue
        notices = notices_of(before, procedure_of(before, town))
        then = _decision_of_silence([silence_clock(before, received, rule, notices)])
        if then is not None and then != now:
            return True
    return False


def _decision_of_silence(clocks: Iterable[Clock]) -> tuple[SilenceMeans | None, date | None] | None:
    for clock in clocks:
        if clock.kind is ClockKind.SILENCE and clock.state is ClockState.DECIDED:
            return clock.means, clock.ended
    return None
