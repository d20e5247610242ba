"""Small batches one soon after the other are made fewer: what comes within a moment is one batch."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class BatchPause:
    """From the end of a batch to the next one at least so long passes, unless that has enough records.

    What comes meanwhile is one batch. After a lull nothing waits. seconds: at most one, of the time in which the group
    waits for who leaves it.
    """

    seconds: float
    enough: int

    def __post_init__(self) -> None:
        """Raise ValueError for a pause that somebody would notice."""
        if not 0 <= self.seconds <= 1:
            raise ValueError(f"a pause of {self.seconds} s between batches")

    def before(self, records: int, since_last_s: float) -> float:
        """Return how long a batch of so many records waits, in seconds, so long after the end of the last one."""
        return 0.0 if records >= self.enough else max(0.0, self.seconds - since_last_s)


NO_PAUSE: Final = BatchPause(seconds=0.0, enough=0)
