"""A clock that is set ahead, and goes on by itself in between."""

import time
from datetime import UTC, datetime, timedelta


class MovedClock:
    """Aware UTC, never earlier than it was."""

    def __init__(self, at: datetime) -> None:
        self._at, self._set = at.astimezone(UTC), time.monotonic()

    def __call__(self) -> datetime:
        """Return what time it is."""
        return self._at + timedelta(seconds=time.monotonic() - self._set)

    def move_to(self, at: datetime) -> None:
        """Set it; where it is later already, it stays."""
        self._at, self._set = max(at.astimezone(UTC), self()), time.monotonic()
