"""Reading cases. There is no way to read one without a Scope, and what is out of scope does not exist.

Only the departments of the scope, in its sectors, are ever asked for: a case of another department and a case that
does not exist take the same query and the same answer, None.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any, Protocol

from pydantic import Field
from pymongo import ASCENDING, DESCENDING, IndexModel

from guichet.contracts.base import Contract
from guichet.contracts.case_events import CaseState
from guichet.ids import AgentId, CaseId, Reference, SectorCitizenId
from guichet.privacy.data_map import DataMapEntry
from guichet.privacy.scope import Scope
from guichet.store.case_document import CaseDocument
from guichet.store.client import Database, translate_errors

COLLECTION = "cases"
DATA_MAP: tuple[DataMapEntry, ...] = ()  # guichet.store.cases writes the collection and declares it
INDEXES: dict[str, list[IndexModel]] = {
    COLLECTION: [
        IndexModel([("department", ASCENDING), ("state", ASCENDING), ("received_at", DESCENDING)], name="by_queue"),
        IndexModel([("citizen", ASCENDING), ("received_at", DESCENDING)], name="by_citizen"),
    ]
}
NOT_ERASED: dict[str, Any] = {"erasing": {"$ne": True}}  # a case under erasure, or destroyed, is seen by nobody
OPEN_STATES = (CaseState.RECEIVED, CaseState.IN_PROGRESS, CaseState.WAITING_FOR_CITIZEN)


class Order(StrEnum):
    """Which case comes first."""

    NEWEST = "newest"
    WAITING_LONGEST = "waiting-longest"


class CaseFilter(Contract):
    """What of a scope is asked for. taken_up_by: cases in which this agent has acted."""

    states: tuple[CaseState, ...] = OPEN_STATES
    taken_up_by: AgentId | None = None
    order: Order = Order.NEWEST
    skip: int = Field(default=0, ge=0)
    limit: int = Field(default=50, ge=1, le=200)


class CaseReader(Protocol):
    """Cases as one agent may see them. Every method raises TransientError when the store is away."""

    async def list_cases(self, scope: Scope, wanted: CaseFilter) -> Sequence[CaseDocument]:
        """Return the cases asked for, in the order asked for."""

    async def count(self, scope: Scope) -> dict[CaseState, int]:
        """Return how many cases of the scope are in each state; a state without cases is left out."""

    async def find(self, scope: Scope, case: CaseId) -> CaseDocument | None:
        """Return a case; None when it does not exist or is not the scope's to see."""

    async def find_by_reference(self, scope: Scope, reference: Reference) -> CaseDocument | None:
        """Return a case by what is written on its receipt; None as for `find`."""

    async def find_many(self, scope: Scope, cases: Iterable[CaseId]) -> Sequence[CaseDocument]:
        """Return those of these cases that the scope may see, newest first."""

    async def of_citizen(self, scope: Scope, citizen: SectorCitizenId) -> Sequence[CaseDocument]:
        """Return the cases of a citizen that the scope may see, newest first."""


class MongoCaseReader:
    """The cases in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._cases = database[COLLECTION]

    @translate_errors
    async def list_cases(self, scope: Scope, wanted: CaseFilter) -> Sequence[CaseDocument]:
        """See CaseReader."""
        direction = DESCENDING if wanted.order is Order.NEWEST else ASCENDING
        query = {**_seen_by(scope), "state": {"$in": [state.value for state in wanted.states]}}
        if wanted.taken_up_by is not None:
            query["history.by"] = wanted.taken_up_by
        found = self._cases.find(query).sort([("received_at", direction), ("_id", direction)])
        return [_read(document) async for document in found.skip(wanted.skip).limit(wanted.limit)]

    @translate_errors
    async def count(self, scope: Scope) -> dict[CaseState, int]:
        """See CaseReader."""
        pipeline = [{"$match": _seen_by(scope)}, {"$group": {"_id": "$state", "cases": {"$sum": 1}}}]
        return {CaseState(group["_id"]): group["cases"] async for group in self._cases.aggregate(pipeline)}

    @translate_errors
    async def find(self, scope: Scope, case: CaseId) -> CaseDocument | None:
        """See CaseReader."""
        return await self._one({**_seen_by(scope), "_id": case})

    @translate_errors
    async def find_by_reference(self, scope: Scope, reference: Reference) -> CaseDocument | None:
        """See CaseReader."""
        return await self._one({**_seen_by(scope), "reference": reference})

    @translate_errors
    async def find_many(self, scope: Scope, cases: Iterable[CaseId]) -> Sequence[CaseDocument]:
        """See CaseReader."""
        return await self._newest_first({**_seen_by(scope), "_id": {"$in": [*cases]}})

    @translate_errors
    async def of_citizen(self, scope: Scope, citizen: SectorCitizenId) -> Sequence[CaseDocument]:
        """See CaseReader."""
        return await self._newest_first({**_seen_by(scope), "citizen": citizen})

    async def _one(self, query: dict[str, Any]) -> CaseDocument | None:
        document = await self._cases.find_one(query)
        return None if document is None else _read(document)

    async def _newest_first(self, query: dict[str, Any]) -> Sequence[CaseDocument]:
        found = self._cases.find(query).sort([("received_at", DESCENDING), ("_id", DESCENDING)])
        return [_read(document) async for document in found]


def _seen_by(scope: Scope) -> dict[str, Any]:
    """Return the condition that every query of this file begins with."""
    return {"department": {"$in": sorted(scope.departments)}, "sector": {"$in": sorted(scope.sectors)}, **NOT_ERASED}


def _read(document: dict[str, Any]) -> CaseDocument:
    return CaseDocument.model_validate(document)
