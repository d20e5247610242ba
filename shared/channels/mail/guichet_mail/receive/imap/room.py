"""How many bytes of mails may be in work at once, of all mailboxes together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Room:
    """Room for so many bytes. Whoever asks first is first served; a mail larger than all of it comes alone."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._held = 0
        self._changed = asyncio.Condition()
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def for_bytes(self, size: int) -> AsyncIterator[None]:
        """Hold so many bytes while the block lasts."""
        held = min(size, self._most)
        async with self._turn, self._changed:
            await self._changed.wait_for(lambda: self._held + held <= self._most)
            self._held += held
        try:
            yield
        finally:
            async with self._changed:
                self._held -= held
                self._changed.notify_all()
