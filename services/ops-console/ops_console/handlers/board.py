"""The newest overview, handed to whoever is looking."""

import asyncio
from collections.abc import AsyncIterator

from guichet.runtime.overview import Overview


class Board:
    """Holds one overview. A reader who is slow skips to the newest."""

    def __init__(self) -> None:
        self._overview: Overview | None = None
        self._number = 0
        self._news = asyncio.Condition()

    @property
    def overview(self) -> Overview | None:
        """The newest; None before the first round."""
        return self._overview

    async def put(self, overview: Overview) -> None:
        """Replace it and wake every reader."""
        async with self._news:
            self._overview = overview
            self._number += 1
            self._news.notify_all()

    async def changes(self) -> AsyncIterator[Overview]:
        """Yield the present overview, then each newer one."""
        seen = 0
        while True:
            async with self._news:
                while self._number == seen or self._overview is None:
                    await self._news.wait()
                seen, overview = self._number, self._overview
            yield overview
