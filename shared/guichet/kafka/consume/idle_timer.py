"""For how long a worker has finished nothing: what the watchdog looks at. Not Kafka's heartbeat, which only polls."""

import time
from collections.abc import Callable


class IdleTimer:
    """Counts up to `idle_s` since the last reset; a declared pause counts as work until it is over."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last = clock()

    def reset(self, pause_s: float = 0.0) -> None:
        """Something was finished, or will be tried again after `pause_s`."""
        self._last = max(self._last, self._clock() + pause_s)

    @property
    def idle_s(self) -> float:
        """Seconds since then."""
        return max(0.0, self._clock() - self._last)
