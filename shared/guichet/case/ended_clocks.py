"""Whose figures have a clock that has ended: the department that had the case at the end of that day. Pure.

A re-routing moves no clock, R6 (docs/law.md 16), and no figure of before it.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

from guichet.case.record import CaseRecord, CountedClock, Rerouting
from guichet.ids import DepartmentId
from guichet.law.calendar import start_of_day
from guichet.law.clocks.outcome import EndedClock

REROUTINGS_KEPT: Final = 40  # times; of a case that went round more often, what ended first counts for a later one


def counted_clocks(case: CaseRecord, ended: Iterable[EndedClock]) -> tuple[CountedClock, ...]:
    """Return what a case keeps of the clocks that have ended."""
    return tuple(
        CountedClock(
            clock=each.kind,
            outcome=each.outcome,
            day_begins=start_of_day(each.on),
            department=had_on(case, each.on),
        )
        for each in ended
    )


def had_on(case: CaseRecord, day: date) -> DepartmentId:
    """Return which department had a case at the end of a day."""
    return next((each.by for each in case.rerouted if each.on > day), case.department)


def with_rerouting(case: CaseRecord, on: date) -> tuple[Rerouting, ...]:
    """Return what a case keeps of its re-routings, now that its department gives it away on a day."""
    return (*case.rerouted, Rerouting(on=on, by=case.department))[-REROUTINGS_KEPT:]
