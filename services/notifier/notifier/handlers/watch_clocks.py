"""Watch from another process over the router, which counts the law's clocks: a day it passed over is told of.

Whose acknowledgement was never owed, because nobody counted, is late with no receipt to be seen late by.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from guichet.ids import CaseId
from guichet.law.calendar import paris_date
from guichet.runtime.telemetry.alarms import Alarm, clear_alarm, raise_alarm
from guichet.store.cases.store import CaseStore

LOOK_EVERY: Final = timedelta(minutes=5)
AT_MOST: Final = 20
"""Cases that are named, the oldest: what mends one mends those behind it."""


@dataclass
class WatchClocks:
    """clock: aware UTC."""

    cases: CaseStore
    clock: Callable[[], datetime]
    _alarmed: set[CaseId] = field(default_factory=set)

    async def look(self) -> None:
        """Alarm for the cases whose day is over, and that nobody has looked at. Raises TransientError."""
        yesterday = paris_date(self.clock()) - timedelta(days=1)
        passed_over = {*await self.cases.passed_over(yesterday, AT_MOST)}
        for case in passed_over - self._alarmed:
            raise_alarm(Alarm.CLOCK_PASSED_OVER, case)
        for case in self._alarmed - passed_over:
            clear_alarm(Alarm.CLOCK_PASSED_OVER, case)
        self._alarmed = passed_over
