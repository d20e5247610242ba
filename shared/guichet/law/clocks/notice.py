"""The days of a clock of which people are told: its last day is near, is today, is over; silence has decided. Pure.

How long before is ours: no text says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from guichet.law.calendar import WorkingDays, paris_date
from guichet.law.clocks.case_clocks import CaseClocks
from guichet.law.clocks.clock import Clock, ClockKind, ClockState
from guichet.law.clocks.duty import first_of

_NEAR: Final = {ClockKind.SILENCE: 10, ClockKind.PRIOR_REMEDY: 10, ClockKind.RIGHTS_REQUEST: 5}
_NEAR_OTHERWISE: Final = 2
"""Working days before the last one."""


class Stage(StrEnum):
    """How a clock stands to its last day."""

    NEAR = "near"
    DUE = "due"
    LATE = "late"
    DECIDED = "decided"


@dataclass(frozen=True)
class Notice:
    """One thing that people are told once. key: what tells it from every other of its case."""

    clock: Clock
    stage: Stage
    due: date

    @property
    def key(self) -> str:
        """The same whenever it is reckoned anew, while the clock's last day is."""
        of = "" if self.clock.of is None else f":{paris_date(self.clock.of)}"
        return f"{self.clock.kind}:{self.stage}:{self.due.isoformat()}{of}"


def notices(found: CaseClocks, working_days: WorkingDays) -> tuple[Notice, ...]:
    """Return what is to be told on the day of which the clocks are: of each clock its present stage alone.

    Who was away for a week is not told what was near: it is late. Of the AEE, which no agent writes, the notifier
    tells.
    """
    return tuple(
        Notice(clock, stage, due)
        for clock, due in _with_a_day(found)
        if (stage := _stage(clock, due, found.as_of, working_days)) is not None
    )


def next_notice_on(found: CaseClocks, working_days: WorkingDays) -> date | None:
    """Return the first later day on which there is something new to tell though nothing happens; None: none is."""
    days = [
        day
        for clock, due in _with_a_day(found)
        if clock.is_open
        for day in (_near(clock, due, working_days), due, due + timedelta(days=1))
        if day > found.as_of
    ]
    return first_of(*days, found.next_fact_on)


def _with_a_day(found: CaseClocks) -> Iterator[tuple[Clock, date]]:
    for clock in found.clocks:
        if clock.kind is not ClockKind.AEE and not clock.is_elsewhere and clock.due is not None:
            yield clock, clock.due


def _stage(clock: Clock, due: date, as_of: date, working_days: WorkingDays) -> Stage | None:
    if clock.state is ClockState.DECIDED:
        return Stage.DECIDED
    if not clock.is_open:
        return None
    if as_of > due:
        return Stage.LATE
    if as_of == due:
        return Stage.DUE
    return Stage.NEAR if as_of >= _near(clock, due, working_days) else None


def _near(clock: Clock, due: date, working_days: WorkingDays) -> date:
    day = due
    for _ in range(_NEAR.get(clock.kind, _NEAR_OTHERWISE)):
        day = working_days.before(day)
    return day
