"""Every clock of a case on a day, what is due next, and what a person has to look at. Pure; no clock of the machine.

What of it a worker keeps beside the case: guichet.case.due.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from guichet.law.clocks.clock import Clock, ClockKind
from guichet.law.clocks.doubt import Doubt
from guichet.law.clocks.facts import LegalFact, ProcedureConfirmed, Qualified, Received, Saisine, Withdrawn
from guichet.law.clocks.known_facts import KnownFacts
from guichet.law.clocks.procedure_in_force import procedure_of
from guichet.law.clocks.qualification import qualification_clock
from guichet.law.clocks.receipts import receipt_clocks
from guichet.law.clocks.remedy import remedy_clocks
from guichet.law.clocks.rights import is_extension_of_unknown, is_of_before_the_law, rights_clocks
from guichet.law.clocks.rules import TownRules
from guichet.law.clocks.silence import SilenceFound, find_silence
from guichet.law.clocks.targets import target_clocks
from guichet.law.clocks.to_look_at import doubts_of
from guichet.law.clocks.transfer import transfer_clocks
from guichet.law.clocks.withdrawals import withdraws_nothing

_OURS: Final = frozenset({ClockKind.QUALIFICATION, ClockKind.FIRST_ANSWER, ClockKind.CLOSING})


@dataclass(frozen=True)
class CaseClocks:
    """as_of: the day that they are of. doubts: what a person has to look at before anything is said of them.

    next_fact_on: the day of the first fact that is dated later, and does not count yet.
    """

    as_of: date
    clocks: tuple[Clock, ...]
    doubts: tuple[Doubt, ...]
    next_fact_on: date | None = None

    @property
    def overdue(self) -> tuple[Clock, ...]:
        """The open duties whose day is over: those of the law before what is ours, the oldest first."""
        late = (each for each in self.clocks if each.is_duty and each.due and each.due < self.as_of)
        return tuple(sorted(late, key=lambda clock: (clock.kind in _OURS, clock.due)))

    @property
    def next_due(self) -> Clock | None:
        """The open duty of the town's that is due first, of those that are not overdue; None: none is."""
        due = (each for each in self.clocks if each.is_duty and each.due and each.due >= self.as_of)
        return min(due, key=lambda clock: clock.due or date.max, default=None)

    @property
    def changes_on(self) -> date | None:
        """The first day on which a clock stands differently though no fact is told; None: none does."""
        ahead = [clock.due for clock in self.clocks if clock.is_open and clock.due and clock.due >= self.as_of]
        days = [day + timedelta(days=1) for day in ahead]
        return min([*days, *([self.next_fact_on] if self.next_fact_on else [])], default=None)

    @property
    def work_waits(self) -> bool:
        """Whether a piece lacks that the procedure calls indispensable; else work goes on (docs/law.md 61)."""
        return any(clock.basis.waits for clock in self.clocks)


def case_clocks(facts: Iterable[LegalFact], town: TownRules, as_of: date) -> CaseClocks:
    """Return the clocks of a case. facts: in any order, the same twice or not; those after `as_of` do not count."""
    told = {*facts}
    history = KnownFacts(told, as_of)
    received = first_receipt(history)
    clocks = rights = (*rights_clocks(history, town),)
    doubts: tuple[Doubt, ...] = (Doubt.NO_RECEIPT,)
    if received is not None:
        procedure, own = procedure_of(history, town, received.on), history.since(received.on)
        silence = find_silence(history, received, town)
        clocks = (
            *receipt_clocks(own, received, town.working_days),
            *qualification_clock(own, received, town),
            *silence.clocks,
            *transfer_clocks(own),
            *remedy_clocks(own, town),
            *rights,
            *target_clocks(own, received.on, procedure, town.working_days),
        )
        doubts = (
            *silence.doubts,
            *doubts_of(history, own, received, town),
            *_before(history, town, silence),
            *_meanwhile(history, town, silence),
        )
    later = min((fact.on for fact in told if fact.on > as_of), default=None)
    return CaseClocks(as_of, clocks, (*doubts, *_of_rights(history), *_of_withdrawals(history)), later)


def _of_rights(history: KnownFacts) -> Iterator[Doubt]:
    if is_extension_of_unknown(history):
        yield Doubt.WHICH_RIGHTS_REQUEST
    if is_of_before_the_law(history):
        yield Doubt.RIGHTS_BEFORE_THE_LAW


def _of_withdrawals(history: KnownFacts) -> Iterator[Doubt]:
    if withdraws_nothing(history.told):
        yield Doubt.WITHDRAWS_NOTHING


def first_receipt(history: KnownFacts) -> Received | None:
    """Return the first that seizes the town, else the first; of several at one moment the one that owes most."""
    found = history.all(Received)
    seizing = [each for each in found if each.saisine is not Saisine.CONTACT_ONLY] or found
    together = [each for each in seizing if each.at == seizing[0].at]
    return min(together, key=lambda each: ([*Saisine].index(each.saisine), each.elsewhere_on or date.max), default=None)


def _before(history: KnownFacts, town: TownRules, now: SilenceFound) -> Iterator[Doubt]:
    """Yield a doubt where silence had decided by what was said before, and has not now.

    Before a procedure was confirmed anew, a nature was said, or a fact was withdrawn.
    """
    changes = {fact.on for fact in history.told if isinstance(fact, (ProcedureConfirmed, Qualified, Withdrawn))}
    for day in sorted(changes):
        before = history.before(day)
        received = first_receipt(before)
        then = find_silence(before, received, town).decision if received else None
        if then is not None and then != now.decision:
            yield Doubt.DECIDED_BEFORE
            return


def _meanwhile(history: KnownFacts, town: TownRules, now: SilenceFound) -> Iterator[Doubt]:
    """Yield a doubt where silence turns out to have decided while a fact that is withdrawn since seemed to stop it."""
    if now.decision is None or now.decision[1] is None:
        return
    for day in sorted({fact.on for fact in history.told if isinstance(fact, Withdrawn)}):
        before = history.before(day)
        received = first_receipt(before)
        then = find_silence(before, received, town).decision if received else None
        if then is None and now.decision[1] < day:
            yield Doubt.DECIDED_MEANWHILE
            return
