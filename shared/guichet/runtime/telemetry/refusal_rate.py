"""How many refusals in a while are somebody who tries doors. Pure: the clock's reading is given."""

from collections import deque
from datetime import datetime, timedelta


class RefusalRate:
    """Remembers the latest `limit` refusals. More than people's own mistakes make of them is a search."""

    def __init__(self, limit: int, window: timedelta) -> None:
        self._window = window
        self._times: deque[datetime] = deque(maxlen=limit)

    def count(self, now: datetime) -> None:
        """Note one refusal. Memory does not grow with a flood."""
        self._times.append(now)

    def is_past(self, now: datetime) -> bool:
        """Return whether the latest `limit` of them lie within the window. It ends by itself, once it is calm."""
        return len(self._times) == self._times.maxlen and now - self._times[0] < self._window
