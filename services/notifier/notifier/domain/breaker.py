"""A circuit breaker: a provider that fails again and again is left alone for a while, then tried once. Pure.

A clock that is put back lengthens no wait: each is reckoned anew from the earlier time.
"""

from datetime import datetime, timedelta
from typing import Final

FAILURES_TO_OPEN: Final = 5
LEFT_ALONE_FOR: Final = timedelta(seconds=30)


class Breaker:
    """Closed: sends pass. Open: none pass until `LEFT_ALONE_FOR` is over, then one does, and its outcome decides."""

    def __init__(self) -> None:
        self._failures = 0
        self._probe_at: datetime | None = None
        self._is_probed = False
        self._paused_until: datetime | None = None
        self._pause = timedelta(0)

    @property
    def is_open(self) -> bool:
        """Whether the provider is being left alone."""
        return self._probe_at is not None

    def wait(self, now: datetime) -> timedelta:
        """Return how long to leave the provider alone; zero lets one send pass (and, while open, only that one)."""
        if self._paused_until is not None and now < self._paused_until:
            self._paused_until = min(self._paused_until, now + self._pause)
            return self._paused_until - now
        if self._probe_at is None:
            return timedelta(0)
        self._probe_at = min(self._probe_at, now + LEFT_ALONE_FOR)
        if now < self._probe_at:
            return self._probe_at - now
        self._probe_at, self._is_probed = now + LEFT_ALONE_FOR, True
        return timedelta(0)

    def not_tried(self, now: datetime) -> None:
        """There was nothing to send: the probe that `wait` let pass is still to be made."""
        if self.is_open:
            self._probe_at, self._is_probed = now, False

    def end_probe(self, now: datetime) -> None:
        """The letter of the probe is done with: where nothing was heard of the provider, it was none."""
        if self._is_probed:
            self.not_tried(now)

    def pause(self, now: datetime, duration: timedelta) -> None:
        """Obey a provider that said when to come back."""
        self._is_probed = False
        self._pause = duration
        self._paused_until = now + duration

    def succeeded(self) -> None:
        """The provider answered, be it to refuse a message."""
        self._failures, self._probe_at, self._is_probed = 0, None, False

    def failed(self, now: datetime) -> None:
        """The provider did not answer, or did not work."""
        self._failures += 1
        self._is_probed = False
        if self._failures >= FAILURES_TO_OPEN:
            self._probe_at = now + LEFT_ALONE_FOR
