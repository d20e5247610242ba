"""What has a last day: met, late, stopped or running. Pure."""

from datetime import date

from guichet.law.clocks.clock import ClockState


def first_of(*days: date | None) -> date | None:
    """Return the first of the days that are known."""
    return min((day for day in days if day is not None), default=None)


def state_of(due: date, *, done: date | None, stopped: date | None, as_of: date) -> tuple[ClockState, date | None]:
    """Return a duty's state, and the day on which it ended.

    done: when it was met, maybe late. stopped: from when on it was the town's no longer. The due day is its last.
    """
    if done is not None and done <= due:
        return ClockState.MET, done
    if stopped is not None and stopped <= due:
        return ClockState.STOPPED, stopped
    if as_of > due:
        return ClockState.LATE, first_of(done, stopped)
    return ClockState.RUNNING, None
