"""Who works for the town now: its files, and over them what was changed since, at most a quarter of a minute old."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from guichet.store.agents.staff import StaffStore, staff_now
from guichet.town.staff.staff import Staff
from guichet.town.town import Town

OLDEST: Final = timedelta(seconds=15)  # with a stream's 30 s, a change counts everywhere within a minute


class StaffDirectory:
    """The staff. scopes: what makes scopes of assignments in this town."""

    def __init__(self, *, town: Town, entries: StaffStore, clock: Callable[[], datetime]) -> None:
        self.scopes = town.scopes
        self._files = town.staff
        self._entries = entries
        self._clock = clock
        self._staff = town.staff
        self._read_at: datetime | None = None
        self._reading = asyncio.Lock()  # many pages at once read once

    async def now(self, since: datetime | None = None) -> Staff:
        """Return the staff as it holds. Raises TransientError: nobody is let in on what may have been taken away.

        since: not as it was before that moment, at which another process may have changed it.
        """
        async with self._reading:
            now = self._clock()
            age = None if self._read_at is None else abs(now - self._read_at)  # the clock may have been put back
            is_from_before = since is not None and self._read_at is not None and self._read_at < since
            if age is None or age >= OLDEST or is_from_before:
                self._staff = await staff_now(self._files, self._entries)
                self._read_at = now
            return self._staff

    async def forget(self) -> None:
        """Read again before the next answer: something was changed here."""
        async with self._reading:
            self._read_at = None
