"""What an erasure does to citizens before it takes them out of the registry."""

from collections.abc import Collection
from typing import Protocol

from guichet.ids import CitizenId
from guichet.store.citizens import COLLECTION, CitizenState
from guichet.store.client import Database, translate_errors


class CitizenErasing(Protocol):
    """Citizens as an erasure writes them."""

    async def mark_erasing(self, citizens: Collection[CitizenId]) -> None:
        """From now on their addresses file under a new citizen. May be repeated. Raises TransientError."""


class MongoCitizenErasing:
    """The citizens in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._citizens = database[COLLECTION]

    @translate_errors
    async def mark_erasing(self, citizens: Collection[CitizenId]) -> None:
        """See CitizenErasing."""
        erasing = {"$set": {"state": CitizenState.ERASING.value}}
        await self._citizens.update_many({"_id": {"$in": [*citizens]}}, erasing)
