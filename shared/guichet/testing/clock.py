"""A clock that stands still until a test moves it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from guichet.testing.a_case import ARRIVED


@dataclass
class Clock:
    """now: three hours after the example case arrived, until a test sets it."""

    now: datetime = ARRIVED + timedelta(hours=3)

    def __call__(self) -> datetime:
        """Return what time it is."""
        return self.now
