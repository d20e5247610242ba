"""What ends by itself goes by a round under the Clock; MongoDB's own sweep, a TTL index, comes a margin later.

That sweep keeps the server's time, not the Clock's: where it came first, a clock that is put back would lose what
still counts. Each store file whose documents end says so in a constant ENDS and declares its index by `ttl_index`.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from pymongo import ASCENDING, DeleteOne, IndexModel, UpdateOne

from guichet.errors import BugError
from guichet.ids import KeyId
from guichet.mongo.client import Database, translate_errors

AT_ONCE: Final = 1000  # documents a command
SEALED_AT_ONCE: Final = 200  # of those whose keys are destroyed first: they are read
TTL_MARGIN: Final = timedelta(days=7)  # further than any clock is wrong, and than gdpr-worker is away


@dataclass(frozen=True)
class Ends:
    """Documents of a collection are over `kept` after the date in their `field`; those without one do not end.

    sealed: fields that are sealed under keys of their own, which no other document has: these are destroyed first.
    former: a field that lists the keys of what a document said before ({key_id, at}), which go `kept` after their date,
    also while the document stays.
    """

    collection: str
    field: str
    kept: timedelta = timedelta(0)
    sealed: tuple[str, ...] = ()
    former: str = ""

    def ttl_index(self, **options: Any) -> IndexModel:
        """Return the index by which the round finds them, and by which MongoDB sweeps what no round has removed."""
        after = int((self.kept + TTL_MARGIN).total_seconds())
        return IndexModel([(self.field, ASCENDING)], name="swept_late", expireAfterSeconds=after, **options)

    def former_index(self) -> IndexModel:
        """Return the index by which the round finds keys of what documents said before."""
        at = f"{self.former}.at"
        return IndexModel([(at, ASCENDING)], name="said_before", partialFilterExpression={at: {"$exists": True}})


class Ended(Protocol):
    """What is over."""

    async def remove(self, now: datetime) -> dict[str, int]:
        """Remove it, and return how many documents of each collection. now: aware UTC. Raises TransientError."""


async def no_keys(keys: Collection[KeyId]) -> None:
    """Destroy keys where there are none: what ends is not sealed. Raises BugError for any."""
    if keys:
        raise BugError("nobody destroys the keys of what is over")


class MongoEnded(Ended):
    """What is over in MongoDB. between: awaited after each AT_ONCE documents of a collection.

    destroy: keys, for good.
    """

    def __init__(
        self,
        database: Database,
        ends: Sequence[Ends],
        between: Callable[[], Awaitable[None]] | None = None,
        destroy: Callable[[Collection[KeyId]], Awaitable[None]] = no_keys,
    ) -> None:
        self._database = database
        self._ends = ends
        self._between = between
        self._destroy = destroy

    @translate_errors
    async def remove(self, now: datetime) -> dict[str, int]:
        removed = {}
        for each in self._ends:
            if each.former:
                await self._destroy_former(each, now)
            remove = self._remove_sealed if each.sealed else self._remove
            removed[each.collection] = await remove(each, now)
        return removed

    async def _destroy_former(self, ends: Ends, now: datetime) -> None:
        """Destroy the keys of what documents said before, then name them no more; killed in between, both again."""
        collection, until = self._database[ends.collection], now - ends.kept
        old = {f"{ends.former}.at": {"$lte": until}}
        while documents := await collection.find(old, {ends.former: 1}).limit(SEALED_AT_ONCE).to_list(SEALED_AT_ONCE):
            keys = {
                each["_id"]: [one["key_id"] for one in each[ends.former] if one["at"] <= until] for each in documents
            }
            await self._destroy([KeyId(key) for some in keys.values() for key in some])
            gone = {name: {"$pull": {ends.former: {"key_id": {"$in": some}}}} for name, some in keys.items()}
            await collection.bulk_write([UpdateOne({"_id": name}, pull) for name, pull in gone.items()], ordered=False)
            if self._between is not None and len(documents) == SEALED_AT_ONCE:
                await self._between()

    async def _remove_sealed(self, ends: Ends, now: datetime) -> int:
        """Destroy the keys of what is over, then remove it, some at a time. Killed in between, it does both again."""
        removed, over, collection = 0, {ends.field: {"$lte": now - ends.kept}}, self._database[ends.collection]
        while documents := await collection.find(over, _keys_of(ends)).limit(SEALED_AT_ONCE).to_list(SEALED_AT_ONCE):
            await self._destroy([KeyId(key) for document in documents for key in _keys_in(document, ends)])
            named = {"_id": {"$in": [document["_id"] for document in documents]}}
            removed += (await collection.delete_many(named | over)).deleted_count
            if self._between is not None and len(documents) == SEALED_AT_ONCE:
                await self._between()
        return removed

    async def _remove(self, ends: Ends, now: datetime) -> int:
        """Remove what is over of a collection, some at a time: one delete of a great many would never be answered.

        By as many deletes of one document each: whoever may remove these need not be able to read them.
        """
        removed, some = 0, [DeleteOne({ends.field: {"$lte": now - ends.kept}})] * AT_ONCE
        while count := (await self._database[ends.collection].bulk_write(some, ordered=False)).deleted_count:
            removed += count
            if self._between is not None and count == AT_ONCE:
                await self._between()
        return removed


def _keys_of(ends: Ends) -> dict[str, int]:
    return {f"{name}.key_id": 1 for name in (*ends.sealed, ends.former) if name}


def _keys_in(document: dict[str, Any], ends: Ends) -> list[str]:
    sealed = [document[name] for name in ends.sealed if document.get(name)]
    return [each["key_id"] for each in (*sealed, *document.get(ends.former, ()))]
