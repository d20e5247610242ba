"""The registry, read for agents: who exists, who they are, where they are reached. Writing is the router's.

Ids that come out of here stay in the service's memory: pages and events know a sector's own ids only.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from pymongo import ASCENDING, DESCENDING, IndexModel

from guichet.ids import CitizenId
from guichet.mongo.client import Database, translate_errors
from guichet.privacy.data_map.entry import DataMapEntry
from guichet.store.registry import citizens, identifiers
from guichet.store.registry.citizens import CitizenDocument
from guichet.store.registry.identifiers import IdentifierDocument

INDEXES: dict[str, list[IndexModel]] = {
    citizens.COLLECTION: [IndexModel([("since", ASCENDING)], name="by_since")],
}
DATA_MAP: tuple[DataMapEntry, ...] = ()  # citizens and identifiers declare the collections


class CitizenExists(NamedTuple):
    """A citizen's registry ids, without anything about them. formerly: ids they had before.

    No model: a page may ask for thousands.
    """

    citizen_id: CitizenId
    formerly: tuple[CitizenId, ...] = ()


class CitizenReader(Protocol):
    """The registry, to be read. Every method raises TransientError when the store is away."""

    async def who_exists(self, since: datetime | None = None) -> Sequence[CitizenExists]:
        """Return every citizen, or those entered at or after `since`, oldest first."""

    async def entered_last(self, count: int) -> Sequence[CitizenExists]:
        """Return those who were entered last, so many at most, in no order.

        Who was changed since stands where they were.
        """

    async def find_many(self, citizens: Iterable[CitizenId]) -> dict[CitizenId, CitizenDocument]:
        """Return those that exist."""

    async def addresses_of(self, citizens: Iterable[CitizenId]) -> Sequence[IdentifierDocument]:
        """Return every address at which one of these citizens is reached."""


class MongoCitizenReader(CitizenReader):
    """The registry in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._citizens = database[citizens.COLLECTION]
        self._identifiers = database[identifiers.COLLECTION]

    @translate_errors
    async def who_exists(self, since: datetime | None = None) -> Sequence[CitizenExists]:
        query = {"since": {"$gte": since}} if since else {}
        found = await self._citizens.find(query, {"formerly": 1}).sort("since", ASCENDING).to_list(None)
        return [_exists(each) for each in found]

    @translate_errors
    async def entered_last(self, count: int) -> Sequence[CitizenExists]:
        found = self._citizens.find({}, {"formerly": 1}).sort("$natural", DESCENDING).limit(count)
        return [_exists(each) for each in await found.to_list(None)]

    @translate_errors
    async def find_many(self, citizens: Iterable[CitizenId]) -> dict[CitizenId, CitizenDocument]:
        found = await self._citizens.find({"_id": {"$in": [*citizens]}}).to_list(None)
        return {document["_id"]: CitizenDocument.model_validate(document) for document in found}

    @translate_errors
    async def addresses_of(self, citizens: Iterable[CitizenId]) -> Sequence[IdentifierDocument]:
        found = self._identifiers.find({"holders.citizen_id": {"$in": [*citizens]}})
        documents = [document async for document in found]
        return [IdentifierDocument.model_validate(each) for each in sorted(documents, key=lambda each: each["_id"])]


def _exists(document: Mapping[str, Any]) -> CitizenExists:
    return CitizenExists(document["_id"], tuple(document.get("formerly", ())))
