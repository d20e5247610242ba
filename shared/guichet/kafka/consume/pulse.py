"""When a worker last showed that it lives: something was finished, or a retry was declared with its pause."""

import time
from collections.abc import Callable


class Pulse:
    """Beats count up to `idle_s`; a declared pause counts as a beat until it is over."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last = clock()

    def beat(self, pause_s: float = 0.0) -> None:
        """Something went on, or will after `pause_s`."""
        self._last = max(self._last, self._clock() + pause_s)

    @property
    def idle_s(self) -> float:
        """Seconds without a sign of life."""
        return max(0.0, self._clock() - self._last)
