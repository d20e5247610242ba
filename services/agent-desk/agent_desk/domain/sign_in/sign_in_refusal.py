"""Why somebody was not let in. Pure."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

BUSY_FOR: Final = timedelta(seconds=5)  # the queue is shorter than that


@dataclass(frozen=True)
class SignInRefusal:
    """Not signed in. pause: how long to wait, when there were too many tries. busy: others are before them just now."""

    pause: timedelta | None = None
    busy: bool = False

    @property
    def problem(self) -> str:
        """What the page says of it: busy, too-many or wrong."""
        if self.busy:
            return "busy"
        return "wrong" if self.pause is None else "too-many"

    @property
    def wait(self) -> timedelta | None:
        """How long another try is not heard; None: it is, at once."""
        return BUSY_FOR if self.busy else self.pause

    @property
    def minutes(self) -> int:
        """The pause as a page tells it, rounded up; 0 where there is none."""
        return 0 if self.pause is None else int(self.pause.total_seconds() // 60) + 1
