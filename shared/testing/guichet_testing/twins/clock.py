"""Clocks that stand still until a test moves them."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

import guichet.clock
from guichet_testing.builders.case import ARRIVED


@dataclass
class Clock:
    """now: three hours after the example case arrived, until a test sets it."""

    now: datetime = ARRIVED + timedelta(hours=3)

    def __call__(self) -> datetime:
        """Return what time it is."""
        return self.now


class StillClock(guichet.clock.Clock):
    """Time passes, and clocks are moved, where a test says so."""

    def __init__(self, now: datetime = ARRIVED + timedelta(hours=3)) -> None:
        self._now = now
        self._passed = timedelta(0)
        self._changed = asyncio.Event()

    def now(self) -> datetime:
        return self._now

    async def sleep(self, duration: timedelta) -> None:
        wanted, passed = self._now + duration, self._passed + duration
        while self._now < wanted and self._passed < passed:
            await self._changed.wait()
        await asyncio.sleep(0)

    def move(self, by: timedelta) -> None:
        """Set the clock, ahead or back, at once."""
        self._now += by
        self._wake_sleepers()

    def let_pass(self, duration: timedelta) -> None:
        """Let so much time pass."""
        self._now += duration
        self._passed += duration
        self._wake_sleepers()

    def _wake_sleepers(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
