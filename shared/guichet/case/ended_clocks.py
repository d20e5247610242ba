"""Whose figures have a clock that has ended: the department that had the case at the end of that day. Pure.

A re-routing moves no clock, R6 (docs/law.md 16), and no figure of before it.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

from guichet.case.record import CaseRecord, CountedClock, HandedOver
from guichet.ids import DepartmentId
from guichet.law.calendar import start_of_day
from guichet.law.clocks.outcome import EndedClock

HANDED_OVER_KEPT: Final = 40  # times; of a case that went round more often, what ended first counts for a later one


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
    return next((each.by for each in case.handed_over if each.on > day), case.department)


def with_hand_over(case: CaseRecord, on: date) -> tuple[HandedOver, ...]:
    """Return what a case keeps of its hand-overs, now that its department gives it away on a day."""
    return (*case.handed_over, HandedOver(on=on, by=case.department))[-HANDED_OVER_KEPT:]
