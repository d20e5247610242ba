"""What a case keeps of its clocks, so that lists are sorted and timers found without reckoning every case. Pure.

A function of the case's facts, the town's rules and a day: replaced whole when a fact is told, when the town's files
change, and on `changes_on`; in between it says the same on every day.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from guichet.law.clocks.case_clocks import case_clocks
from guichet.law.clocks.clock import ClockKind
from guichet.law.clocks.facts import LegalFact
from guichet.law.clocks.rules import TownRules


@dataclass(frozen=True)
class KeptClocks:
    """overdue_since: the due day of the gravest duty that is overdue, `overdue` its kind: the law before targets.

    next_due: the day on which the town has to do something next, `next` what. changes_on: when to reckon anew though
    nothing is told. is_doubted: whether a person has to look first. None: there is none.
    """

    overdue: ClockKind | None
    overdue_since: date | None
    next: ClockKind | None
    next_due: date | None
    changes_on: date | None
    is_doubted: bool


def kept_clocks(facts: Iterable[LegalFact], town: TownRules, as_of: date) -> KeptClocks:
    """Return it as of a day. facts: in any order, the same twice or not."""
    found = case_clocks(facts, town, as_of)
    late = found.overdue[0] if found.overdue else None
    ahead = found.next_due
    return KeptClocks(
        overdue=late.kind if late else None,
        overdue_since=late.due if late else None,
        next=ahead.kind if ahead else None,
        next_due=ahead.due if ahead else None,
        changes_on=found.changes_on,
        is_doubted=bool(found.doubts),
    )
