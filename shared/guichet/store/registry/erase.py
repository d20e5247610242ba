"""What an erasure does to citizens before it takes them out of the registry."""

from collections.abc import Collection

from guichet.ids import CitizenId
from guichet.mongo.client import Database, translate_errors
from guichet.store.registry.citizens import COLLECTION, CitizenState


class MongoCitizenErasing:
    """The citizens in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._citizens = database[COLLECTION]

    @translate_errors
    async def mark_erasing(self, citizens: Collection[CitizenId]) -> None:
        """From now on their addresses file under a new citizen. May be repeated. Raises TransientError."""
        living = {"_id": {"$in": [*citizens]}, "state": {"$ne": CitizenState.ERASING.value}}
        erasing = {"$set": {"before_erasing": "$state", "state": CitizenState.ERASING.value}}
        await self._citizens.update_many(living, [erasing])

    @translate_errors
    async def release(self, citizens: Collection[CitizenId]) -> None:
        """Put those who are marked back to what they were before. May be repeated. Raises TransientError."""
        marked = {"_id": {"$in": [*citizens]}, "state": CitizenState.ERASING.value}
        before = {"$ifNull": ["$before_erasing", CitizenState.PROVISIONAL.value]}  # null: marked before it was kept
        await self._citizens.update_many(marked, [{"$set": {"state": before, "before_erasing": None}}])
