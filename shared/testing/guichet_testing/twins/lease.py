"""A lease in memory, as strict as the real one: one at a time has it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from guichet.mongo.lease import Held, TakenError


class InMemoryLease:
    """Base of twins whose work one process at a time does. taken: somebody has the lease."""

    def __init__(self) -> None:
        self.taken = False

    @asynccontextmanager
    async def leased(self) -> AsyncIterator[Held]:
        """Have the lease while the block lasts. Raises TakenError."""
        if self.taken:
            raise TakenError("another has it")
        self.taken = True
        try:
            yield _Kept()
        finally:
            self.taken = False


class _Kept(Held):
    async def keep(self) -> None: ...
