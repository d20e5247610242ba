"""How many dead letters in a while are too many. Pure: the clock's reading is given."""

from collections import deque
from datetime import timedelta
from typing import Final

from guichet.errors import GuichetError

PERIOD: Final = timedelta(minutes=1)


class CeilingReachedError(GuichetError):
    """One more dead letter of a topic would be too many. The text says what happened and how to resume."""


class Ceiling:
    """A rate: at most `per_minute` dead letters in any minute. Many at once mean a broken deploy, not broken mail,
    or somebody who floods a topic.
    """

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self._times: deque[float] = deque(maxlen=per_minute)  # more tell nothing, and who goes on counts them too

    def is_reached(self, now_s: float) -> bool:
        """Return whether one more would be too many. now_s: monotonic seconds."""
        while self._times and now_s - self._times[0] >= PERIOD.total_seconds():
            self._times.popleft()
        return len(self._times) >= self.per_minute

    def count(self, now_s: float) -> None:
        """Note one dead letter."""
        self._times.append(now_s)
