"""How the clocks ended that a town counts: in time, late, not at all, or by its silence. Pure.

Of a clock that another administration, an abuse or a closing stopped in time nothing was due any more: it is not
counted.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from guichet.law.clocks.clock import Clock, ClockKind, ClockState, Follows
from guichet.law.clocks.rules import SilenceMeans

COUNTED: Final = (ClockKind.AEE, ClockKind.ARE, ClockKind.FIRST_ANSWER, ClockKind.CLOSING, ClockKind.SILENCE)


class Outcome(StrEnum):
    """How a clock ended. Of a silence `met` is an express decision that was notified in time."""

    MET = "met"
    MET_LATE = "met-late"
    NOT_MET = "not-met"  # its last day went by; where nothing stopped it since, it may still become `met-late`
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True)
class EndedClock:
    """on: the day on which it was met in time or silence decided; else its last day."""

    kind: ClockKind
    outcome: Outcome
    on: date


def ended_clocks(clocks: Iterable[Clock]) -> Iterator[EndedClock]:
    """Yield those of a case's clocks that are COUNTED and have ended."""
    for clock in clocks:
        outcome = _outcome_of(clock) if clock.kind in COUNTED else None
        on = clock.due if clock.state is ClockState.LATE else clock.ended
        if outcome is not None and on is not None:
            yield EndedClock(clock.kind, outcome, on)


def _outcome_of(clock: Clock) -> Outcome | None:
    if clock.kind is ClockKind.SILENCE:
        return _outcome_of_silence(clock)
    if clock.state is ClockState.MET:
        return Outcome.MET
    if clock.state is ClockState.LATE:
        is_done = clock.done_on is not None and clock.done_on == clock.ended
        return Outcome.MET_LATE if is_done else Outcome.NOT_MET
    return None


def _outcome_of_silence(clock: Clock) -> Outcome | None:
    if clock.state is ClockState.DECIDED and not clock.is_elsewhere:
        return Outcome.ACCEPTED if clock.means is SilenceMeans.ACCEPTS else Outcome.REJECTED
    if clock.state is ClockState.STOPPED and clock.basis.follows is Follows.DECISION:
        return Outcome.MET
    return None
