"""The law's clocks of the cases that a batch touches: what each keeps of them, what leaves, who is told. No I/O."""

from datetime import date, datetime
from functools import lru_cache
from typing import Final

from case_router.domain.alike import alike
from guichet.case.case import Case
from guichet.case.due import OwedReceipt, Reckoned, kept_of, owed_receipt, reckon
from guichet.case.legal_facts import facts_of
from guichet.case.record import CaseDue, CaseRecord
from guichet.contracts.legal_facts import LONG_AGO
from guichet.law.calendar import paris_date
from guichet.law.clocks.facts import LegalFact
from guichet.town.town import Town

_ALIKE_AT_MOST: Final = 4096


class Reckoner:
    """Reckons by the town's rules. What a day's cases have in common is reckoned once."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self._reckoned = lru_cache(_ALIKE_AT_MOST)(self._reckon)

    def keep(self, case: Case, now: datetime) -> None:
        """Let a case keep what its clocks say by now, where what they follow from has changed."""
        if _is_of_before(case):
            self._begin_quietly(case, now)
            return
        if case.is_new:
            case.begin_counting()
            self._acknowledge_at_once(case)
        if case.is_new or _is_changed(case):
            self._keep(case, now)

    def look_again(self, case: Case, cause: str, now: datetime) -> None:
        """Tell people of the days that have come, let the acknowledgement leave on its last day, and go on counting.

        Of a router that was away for a week nobody is told what was near then; what is late is told once.
        """
        if _is_of_before(case):
            return self._begin_quietly(case, now)
        self._owe_on_its_last_day(case, cause, now)
        case.reach(cause, now, self._of(case.record, now).reached)
        return self._keep(case, now)

    def owe_receipt(self, case: Case, cause: str, at: datetime) -> None:
        """Let the acknowledgement leave where one is owed as of that time, or what one says is to be corrected."""
        owed = self._owed(case.record, at)
        if owed is not None:
            case.owe_receipt(cause, at, owed)

    def _owe_on_its_last_day(self, case: Case, cause: str, now: datetime) -> None:
        """Nobody says anything just now, so that what has left is not corrected."""
        last_day = self._of(case.record, now).last_day_of_receipt
        has_left = case.record.due is not None and case.record.due.receipt is not None
        if last_day is not None and paris_date(now) >= last_day and not has_left:
            self.owe_receipt(case, cause, now)

    def _owed(self, case: CaseRecord, at: datetime) -> OwedReceipt | None:
        last_day = self._of(case, at).last_day_of_receipt
        return owed_receipt(case.due, self._facts(case), self._town.clock_rules, paris_date(at), last_day=last_day)

    def _acknowledge_at_once(self, case: Case) -> None:
        """Let the whole acknowledgement leave, where it is known what the new case asks for (docs/law.md 7)."""
        opened_at = case.record.updated_at
        owed = self._owed(case.record, opened_at) if case.record.facts and case.record.due is None else None
        if owed is not None and owed.is_full:
            case.owe_receipt(case.record.opened_by, opened_at, owed)
            case.acknowledge_at_once()

    def _begin_quietly(self, case: Case, now: datetime) -> None:
        """Begin to count in a case of before anything was counted: of what is past nobody is told."""
        found, was = self._of(case.record, now), case.record.due or CaseDue()
        is_past = found.last_day_of_receipt is not None and paris_date(now) >= found.last_day_of_receipt
        announced = tuple(each.key for each in found.reached)
        own = {"announced": announced, "receipt": was.receipt or ("of-before" if is_past else None), "says": was.says}
        case.keep_due(found.due.model_copy(update=own))

    def _keep(self, case: Case, now: datetime) -> None:
        found = self._of(case.record, now)
        case.keep_due(kept_of(found, case.record.due, paris_date(now)))
        case.count(found.ended)

    def _of(self, case: CaseRecord, now: datetime) -> Reckoned:
        return self._reckoned(alike(self._facts(case)), paris_date(now))

    def _reckon(self, facts: tuple[LegalFact, ...], as_of: date) -> Reckoned:
        return reckon(facts, self._town.clock_rules, as_of)

    def _facts(self, case: CaseRecord) -> tuple[LegalFact, ...]:
        return facts_of(case, self._town)


def _is_changed(case: Case) -> bool:
    """Say whether anything has changed from which what a case keeps of its clocks follows."""
    was, now = case.read, case.record
    return now.facts is not was.facts or now.due is not was.due or now.rerouted is not was.rerouted


def _is_of_before(case: Case) -> bool:
    """Say whether a case was opened by a router that reckoned no clocks."""
    due = case.read.due
    return not case.is_new and (due is None or due.changes_on == LONG_AGO)
