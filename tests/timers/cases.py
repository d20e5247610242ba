"""Cases whose clocks run, as a router had kept them, and what people are to hear of each, day by day. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final

from guichet.case.due import Reckoned, kept_of, owed_receipt, reckon
from guichet.case.legal_facts import as_the_law_says
from guichet.case.record import CaseDue, CaseRecord
from guichet.contracts.legal_facts import FactKind, StatedFact
from guichet.ids import derive_id
from guichet.law.calendar import PARIS
from guichet.law.clocks.facts import LegalFact, Received, Saisine
from guichet.law.clocks.rules import TownRules
from guichet.privacy.tokens import make_reference
from guichet_testing.builders.case import a_case

DAYS_BACK: Final = 75
"""So that among them are those whose silence decides while the test goes on."""

Heard = Counter[tuple[str, str, str, str | None]]
"""How often each case, by id, had each thing happen: the event's type, what of it (a clock and its stage, or which
receipt), the clock's last day."""


def cases(count: int, today: date, rules: TownRules, department: dict[str, str]) -> Iterator[CaseRecord]:
    """Yield cases that came on the last days. department: of each procedure that some of them are confirmed to be."""
    procedures: Sequence[str | None] = (None, *sorted(department))
    kept: dict[tuple[date, str | None], CaseDue] = {}  # what all cases of a day and a procedure keep
    for nth in range(count):
        day, procedure = today - timedelta(days=nth % DAYS_BACK), procedures[nth % len(procedures)]
        at = datetime.combine(day, time(10), PARIS)
        facts = () if procedure is None else (_confirmed(procedure, at),)
        where = {} if procedure is None else {"department": department[procedure], "procedure": procedure}
        name = f"timed-{nth}"
        case = a_case(name, received_at=at, updated_at=at, facts=facts, **where)
        if (day, procedure) not in kept:
            kept[day, procedure] = kept_at_receipt(case, rules)
        reference = make_reference(derive_id("timers", name), today.year, 0)
        yield case.model_copy(update={"reference": reference, "due": kept[day, procedure]})


def _confirmed(procedure: str, at: datetime) -> StatedFact:
    return StatedFact(event=FactKind.PROCEDURE_CONFIRMED, at=at, procedure=procedure)


def kept_at_receipt(case: CaseRecord, rules: TownRules) -> CaseDue:
    """Return what a router keeps of a case as it comes; of one whose procedure is known the acknowledgement was owed."""
    facts, day = _facts(case), case.received_at.astimezone(PARIS).date()
    found = reckon(facts, rules, day)
    owed = owed_receipt(None, facts, rules, day, last_day=found.last_day_of_receipt)
    kept = kept_of(found, None, day)
    if owed is None:
        return kept
    return kept.model_copy(update={"receipt": "full" if owed.is_full else "incomplete", "says": owed.silence})


def _facts(case: CaseRecord) -> tuple[LegalFact, ...]:
    return Received(case.received_at, Saisine.ELECTRONIC), *(as_the_law_says(fact) for fact in case.facts)


@dataclass
class Expected:
    """What is to have happened by now. A reckoning of its own: day by day, with no index, no batch and no kill."""

    rules: TownRules
    heard: Heard = field(default_factory=Counter)
    _announced: dict[str, set[str]] = field(default_factory=dict)
    _owed: set[str] = field(default_factory=set)
    _reckoned: dict[tuple[tuple[LegalFact, ...], date], Reckoned] = field(default_factory=dict)

    def live(self, cases: Iterable[CaseRecord], day: date) -> None:
        """Add what happens on a day on which everybody looks."""
        for case in cases:
            announced = self._announced.setdefault(case.case_id, set())
            for each in self._of(case, day).reached:
                if each.key not in announced:
                    announced.add(each.key)
                    about = f"{each.clock} {each.stage}"
                    self.heard[case.case_id, "ClockReached", about, each.due.isoformat()] += 1
            self._owe(case, day)

    def _owe(self, case: CaseRecord, day: date) -> None:
        was_owed = case.case_id in self._owed or (case.due is not None and case.due.receipt is not None)
        last_day = self._of(case, day).last_day_of_receipt
        if not was_owed and last_day is not None and day >= last_day:
            self._owed.add(case.case_id)
            self.heard[case.case_id, "ReceiptOwed", "incomplete", None] += 1

    def _of(self, case: CaseRecord, day: date) -> Reckoned:
        facts = _facts(case)
        if (facts, day) not in self._reckoned:
            self._reckoned[facts, day] = reckon(facts, self.rules, day)
        return self._reckoned[facts, day]
