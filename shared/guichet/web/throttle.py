"""So many tries in so much time, then a pause. In memory: several processes of a service count each for itself."""

from collections import deque
from datetime import datetime, timedelta


class Throttle:
    """Counts tries per key. limit: how many within `window` are let through."""

    def __init__(self, limit: int, window: timedelta) -> None:
        self._limit = limit
        self._window = window
        self._tries: dict[str, deque[datetime]] = {}  # who tried last stands last

    def pause(self, key: str, now: datetime) -> timedelta | None:
        """Return how long to wait before another try, or None when it may be made now."""
        tries = self._recent(key, now)
        return tries[-self._limit] + self._window - now if len(tries) >= self._limit else None

    def count(self, key: str, now: datetime) -> None:
        """Note a try."""
        self._forget_the_old(now)
        tries = self._tries.pop(key, deque(maxlen=self._limit))
        tries.append(now)
        self._tries[key] = tries

    def _recent(self, key: str, now: datetime) -> deque[datetime]:
        tries = self._tries.get(key, deque())
        while tries and tries[0] <= now - self._window:
            tries.popleft()
        if tries and tries[-1] > now:  # the clock was set back: they were made by now
            for place, tried in enumerate(tries):
                tries[place] = min(tried, now)
        return tries

    def _forget_the_old(self, now: datetime) -> None:
        """Keep memory bounded by who tried within the window, and look at no more than goes, and one."""
        while self._tries and not self._recent(key := next(iter(self._tries)), now):
            del self._tries[key]
