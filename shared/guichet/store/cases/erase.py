"""What an erasure does to cases: they are set aside, then destroyed down to a tombstone.

A tombstone says that a case was, and on which day it went; it says nothing of anybody, and nothing that another one
says: one request destroys cases of several sectors (docs/decisions/0014). It stays, so that no
message, command or report that comes again makes the case anew. Its one event leaves through its outbox, like every
other event of a case; once that is published the tombstone is bare.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from pymongo import ASCENDING, IndexModel, ReplaceOne

from guichet.case.case import Case
from guichet.case.record import OWED, RELEASED, SET_ASIDE, CaseRecord, DestroyedCase
from guichet.contracts.legal_facts import StatedFact
from guichet.ids import CaseId
from guichet.mongo.client import Database, translate_errors
from guichet.privacy.data_map.entry import DataMapEntry
from guichet.store.cases.history import COLLECTION as HISTORY
from guichet.store.follow_views.store import COLLECTION as FOLLOW_VIEWS

COLLECTION = "cases"

DATA_MAP: tuple[DataMapEntry, ...] = ()  # guichet.store.cases.store writes the collection and declares it
INDEXES: dict[str, list[IndexModel]] = {
    COLLECTION: [
        IndexModel(
            [("erasing", ASCENDING), ("_id", ASCENDING)], name="erased", partialFilterExpression={"erasing": True}
        ),
        IndexModel(
            [("owes_erasure", ASCENDING), ("_id", ASCENDING)],
            name="owed",
            partialFilterExpression={"owes_erasure": True},
        ),
        IndexModel(
            [("destroyed_at", ASCENDING)],
            name="destroyed_and_unpublished",
            partialFilterExpression={"destroyed_at": {"$exists": True}, "outbox.0": {"$exists": True}},
        ),
    ]
}


@dataclass(frozen=True)
class OwedCase:
    """What says of a case that owes its erasure whether it goes. version: at which that was read."""

    case_id: CaseId
    version: int
    facts: tuple[StatedFact, ...]


class CaseErasing(Protocol):
    """Cases as an erasure writes them. Every method works in bulk, may be repeated, and raises TransientError."""

    async def mark_erasing(self, cases: Iterable[CaseId]) -> None:
        """Set cases aside: from now on the router writes nothing to them, nobody is shown them, and no link opens."""

    async def release(self, cases: Iterable[CaseId]) -> None:
        """Take the mark away again; a destroyed case stays as it is."""

    async def owe_erasure(self, cases: Iterable[CaseId]) -> None:
        """Note of cases that they are to be erased once they are evidence no more; one that is destroyed stays so."""

    async def owed(self) -> Sequence[CaseId]:
        """Return the cases that are to be erased once they are evidence no more."""

    async def read_owed(self, case: CaseId) -> OwedCase | None:
        """Return what one of them says now; None: it owes nothing. Raises ValidationError, if nobody can read it."""

    async def set_aside_owed(self, case: OwedCase) -> bool:
        """Set one aside, unless it was written to since it was read; return whether it is: then it changes no more."""

    async def destroy(self, cases: Iterable[CaseId], at: datetime) -> None:
        """Leave tombstones of these cases, and no history; a tombstone that is there keeps its date and its event."""

    async def unpublished(self, limit: int) -> Sequence[DestroyedCase]:
        """Return tombstones whose event nobody is known to have published, oldest first."""

    async def mark_published(self, cases: Iterable[CaseId]) -> None:
        """Take the events out of these tombstones, and what a router may have copied late into their history."""


class MongoCaseErasing(CaseErasing):
    """The cases in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._cases = database[COLLECTION]
        self._history = database[HISTORY]
        self._views = database[FOLLOW_VIEWS]

    @translate_errors
    async def mark_erasing(self, cases: Iterable[CaseId]) -> None:
        await self._mark([*cases])

    @translate_errors
    async def release(self, cases: Iterable[CaseId]) -> None:
        wanted = [*cases]
        if wanted:
            living = {"_id": {"$in": wanted}, "destroyed_at": {"$exists": False}}
            await self._cases.update_many(living, {"$set": RELEASED})
            await self._views.update_many({"case_id": {"$in": wanted}}, {"$set": {"erasing": False}})

    @translate_errors
    async def owe_erasure(self, cases: Iterable[CaseId]) -> None:
        wanted = [*cases]
        if wanted:
            living = {"_id": {"$in": wanted}, "destroyed_at": {"$exists": False}}
            await self._cases.update_many(living, {"$set": OWED})

    @translate_errors
    async def owed(self) -> Sequence[CaseId]:
        found = self._cases.find(dict(OWED), {"_id": 1}).sort("_id", ASCENDING)
        return [document["_id"] async for document in found]

    @translate_errors
    async def read_owed(self, case: CaseId) -> OwedCase | None:
        found = await self._cases.find_one({"_id": case, **OWED}, {"version": 1, "facts": 1})
        if found is None:
            return None
        facts = tuple(StatedFact.model_validate(each) for each in found.get("facts", ()))
        return OwedCase(case, found["version"], facts)

    @translate_errors
    async def set_aside_owed(self, case: OwedCase) -> bool:
        as_read = {"_id": case.case_id, "version": case.version, **OWED}
        if not (await self._cases.update_one(as_read, {"$set": SET_ASIDE})).matched_count:
            return False
        await self._mark([case.case_id])  # the views of whoever follows it
        return True

    @translate_errors
    async def destroy(self, cases: Iterable[CaseId], at: datetime) -> None:
        wanted = [*cases]
        await self._mark(wanted)  # no version moves from here on
        living = await self._cases.find({"_id": {"$in": wanted}, "destroyed_at": {"$exists": False}}).to_list(None)
        tombstones = [Case(CaseRecord.model_validate(case)).destroy(at) for case in living]
        if tombstones:
            await self._cases.bulk_write([_in_place_of_the_living(each) for each in tombstones], ordered=False)
        await self._forget(wanted)

    @translate_errors
    async def unpublished(self, limit: int) -> Sequence[DestroyedCase]:
        query = {"destroyed_at": {"$exists": True}, "outbox.0": {"$exists": True}}
        found = self._cases.find(query).sort("destroyed_at", ASCENDING).limit(limit)
        return [DestroyedCase.model_validate(document) async for document in found]

    @translate_errors
    async def mark_published(self, cases: Iterable[CaseId]) -> None:
        published = [*cases]
        await self._forget(published)
        tombstones = {"_id": {"$in": published}, "destroyed_at": {"$exists": True}}
        await self._cases.update_many(tombstones, {"$unset": {"outbox": ""}})

    async def _forget(self, cases: list[CaseId]) -> None:
        await self._history.delete_many({"case_id": {"$in": cases}})

    async def _mark(self, cases: list[CaseId]) -> None:
        await self._cases.update_many({"_id": {"$in": cases}, "erasing": {"$ne": True}}, {"$set": SET_ASIDE})
        await self._views.update_many({"case_id": {"$in": cases}}, {"$set": {"erasing": True}})


def _in_place_of_the_living(tombstone: DestroyedCase) -> ReplaceOne[dict[str, Any]]:
    living = {"_id": tombstone.case_id, "destroyed_at": {"$exists": False}}
    return ReplaceOne(living, tombstone.model_dump(by_alias=True))
