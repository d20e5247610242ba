"""What searches are made of: cases with their messages, by the thousand. For search-indexer, which no person asks."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol

from pymongo import ASCENDING

from guichet.case.record import CaseRecord
from guichet.ids import CaseId, MessageId, SectorId
from guichet.mongo.bulk import find_all
from guichet.mongo.client import Database, translate_errors

TimedMessage = tuple[MessageId, datetime]


class SearchedCases(Protocol):
    """Every method raises TransientError."""

    async def cases_after(self, after: CaseId | None, limit: int) -> tuple[list[CaseRecord], CaseId | None]:
        """Return the next cases of all sectors in order of their ids, past one, and after which id to go on.

        So many are looked at, tombstones among them. No id: that was all.
        """

    async def of_sector(self, sector: SectorId, cases: Iterable[CaseId]) -> frozenset[CaseId]:
        """Return those that are not destroyed and lie in a sector."""

    async def living_messages(self, messages: Iterable[MessageId]) -> frozenset[MessageId]:
        """Return those that are there; of an erased one a bare id may be."""

    async def timed_messages_of(self, cases: Iterable[CaseId]) -> dict[CaseId, tuple[TimedMessage, ...]]:
        """Return the messages of each case with their times, oldest first."""


class MongoSearchedCases(SearchedCases):
    """The cases in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._cases = database["cases"]
        self._messages = database["messages"]

    @translate_errors
    async def cases_after(self, after: CaseId | None, limit: int) -> tuple[list[CaseRecord], CaseId | None]:
        query = {"_id": {"$gt": after or ""}}
        found = await self._cases.find(query).sort("_id", ASCENDING).limit(limit).to_list(None)
        living = [CaseRecord.model_validate(document) for document in found if "destroyed_at" not in document]
        return living, CaseId(found[-1]["_id"]) if found else None

    @translate_errors
    async def of_sector(self, sector: SectorId, cases: Iterable[CaseId]) -> frozenset[CaseId]:
        query = {"_id": {"$in": [*cases]}, "sector": sector, "destroyed_at": {"$exists": False}}
        return frozenset([CaseId(document["_id"]) for document in await find_all(self._cases, query, ())])

    @translate_errors
    async def living_messages(self, messages: Iterable[MessageId]) -> frozenset[MessageId]:
        query = {"_id": {"$in": [*messages]}, "erased_at": {"$exists": False}}
        return frozenset([MessageId(document["_id"]) for document in await find_all(self._messages, query, ())])

    @translate_errors
    async def timed_messages_of(self, cases: Iterable[CaseId]) -> dict[CaseId, tuple[TimedMessage, ...]]:
        query: dict[str, Any] = {"filed": {"$in": [*cases]}}
        found = self._messages.find(query, {"filed": 1, "at": 1}).sort([("filed", 1), ("at", 1), ("_id", 1)])
        of_case: dict[CaseId, list[TimedMessage]] = {}
        async for document in found:
            of_case.setdefault(document["filed"], []).append((document["_id"], document["at"]))
        return {case: tuple(messages) for case, messages in of_case.items()}
