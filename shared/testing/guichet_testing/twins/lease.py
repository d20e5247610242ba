"""Leases in memory, as strict as the real ones: one at a time has each."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from guichet.mongo.lease import Held, TakenError


class InMemoryLease:
    """Base of twins whose work one process at a time does. taken: the works that somebody has the lease of."""

    def __init__(self) -> None:
        self.taken: set[str] = set()

    @asynccontextmanager
    async def leased(self, name: str = "") -> AsyncIterator[Held]:
        """Have the lease while the block lasts. Raises TakenError."""
        if name in self.taken:
            raise TakenError("another has it")
        self.taken.add(name)
        try:
            yield _Kept()
        finally:
            self.taken.discard(name)


class _Kept(Held):
    async def keep(self) -> None: ...
