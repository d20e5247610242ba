"""Documents of any declared collection, by the ids that they hold: for what the data map drives.

Deleting is here too, for collections whose documents go whole. What needs more has an act of its own
(guichet.store.shared_documents, guichet.store.cases.erase, guichet.store.messages.erase).
"""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

from guichet.batches import batched
from guichet.mongo.client import Database, translate_errors
from guichet.mongo.snapshot import one_moment

Document = Mapping[str, Any]

IDS_AT_ONCE = 10_000  # 32 hex digits each: far below MongoDB's 16 MB for a query


class DocumentFinder(Protocol):
    """Documents by what they hold. Every method raises TransientError."""

    async def find(
        self, collection: str, path: str, values: Collection[str | None], fields: Iterable[str]
    ) -> list[Document]:
        """Return `_id` and these fields of the documents that hold one of the values at `path`.

        path: as in the data map, through arrays where there are any. A value of None: nothing is there.
        """

    async def named(self, places: Mapping[str, Sequence[str]], values: Collection[str]) -> frozenset[str]:
        """Return which of these values documents hold, as all of them stood at one moment: what moves is always held.

        places: the paths of each collection, as in the data map. Raises PermanentError where that takes longer than
        MongoDB holds a moment, five minutes.
        """

    async def distinct(self, collection: str, path: str) -> frozenset[str]:
        """Return every value at `path`."""

    async def delete(self, collection: str, ids: Collection[str]) -> None:
        """Delete documents; one that is gone is a success."""


class MongoDocumentFinder(DocumentFinder):
    """Any collection in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @translate_errors
    async def find(
        self, collection: str, path: str, values: Collection[str | None], fields: Iterable[str]
    ) -> list[Document]:
        wanted = dict.fromkeys(("_id", *fields), 1)
        return [document async for document in self._matching(collection, path, values, wanted)]

    @translate_errors
    async def named(self, places: Mapping[str, Sequence[str]], values: Collection[str]) -> frozenset[str]:
        found = set[str]()
        async with one_moment(self._database) as session:
            for collection, paths in places.items():
                for some in batched(values, IDS_AT_ONCE):
                    holds = {"$or": [{path: {"$in": some}} for path in paths]}
                    wanted = dict.fromkeys(paths, 1)
                    async for document in self._database[collection].find(holds, wanted, session=session):
                        found.update(*(values_at(document, path) for path in paths))
        return frozenset(found.intersection(values))

    @translate_errors
    async def distinct(self, collection: str, path: str) -> frozenset[str]:
        values = await self._database.get_collection(collection).distinct(path)
        return frozenset(value for value in values if value is not None)

    @translate_errors
    async def delete(self, collection: str, ids: Collection[str]) -> None:
        for some in batched(ids, IDS_AT_ONCE):
            await self._database.get_collection(collection).delete_many({"_id": {"$in": some}})

    async def _matching(
        self, collection: str, path: str, values: Collection[str | None], wanted: dict[str, int]
    ) -> AsyncIterator[Document]:
        for some in batched(values, IDS_AT_ONCE):
            async for document in self._database.get_collection(collection).find({path: {"$in": some}}, wanted):
                yield document


def values_at(document: Document, path: str) -> list[Any]:
    """Return what lies at a path of a document, through arrays: "holders.citizen_id" → every holder's. Pure."""
    found: list[Any] = [document]
    for name in path.split("."):
        inner = (each[name] for each in found if isinstance(each, Mapping) and name in each)
        found = [value for each in inner for value in (each if isinstance(each, list | tuple) else [each])]
    return [value for value in found if value is not None]
