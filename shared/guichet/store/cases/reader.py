"""Reading cases. There is no way to read one without a Scope, and what is out of scope does not exist.

Only what the scope's grants cover is ever asked for: a case of somebody else's and a case that does not exist take the
same query and the same answer, None.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Protocol

from pydantic import AwareDatetime, Field
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import OperationFailure

from guichet.case.record import CaseRecord
from guichet.contracts.base import Contract
from guichet.contracts.case_events import CaseState
from guichet.ids import AgentId, CaseId, Reference, SectorCitizenId
from guichet.mongo.client import Database, translate_errors
from guichet.privacy.data_map.entry import DataMapEntry
from guichet.rights.scope import Grant, Scope
from guichet.store.cases.list_indexes import (
    ASSIGNED_TO,
    AT_REST,
    LISTS,
    NOT_CLOSED,
    SNOOZED,
    TAKEN_UP_BY,
)

COLLECTION = "cases"
INDEXES: dict[str, list[IndexModel]] = {COLLECTION: LISTS}  # in_queue knows which sectors there are, too
DATA_MAP: tuple[DataMapEntry, ...] = ()  # guichet.store.cases.store writes the collection and declares it
NOT_ERASED: dict[str, Any] = {"erasing": {"$ne": True}}  # a case under erasure, or destroyed, is seen by nobody
_NO_SUCH_INDEX: Final = 2  # BadValue
_NOTHING: Final = Grant(frozenset(), frozenset())
COUNTED_UP_TO: Final = 100  # cases of a state: a list says "99+" from there on, and looks at no more of them
OPEN_STATES = (CaseState.RECEIVED, CaseState.IN_PROGRESS, CaseState.WAITING_FOR_CITIZEN)
OURS_TO_ANSWER: Final = (CaseState.RECEIVED, CaseState.IN_PROGRESS)
COUNTED_STATES: Final = (*OPEN_STATES, CaseState.CLOSED)


class Order(StrEnum):
    """Which case comes first."""

    NEWEST = "newest"
    WAITING_LONGEST = "waiting-longest"
    ACTIVITY = "activity"
    """In which something happened last. Of open states only: a list that asks for another is by receipt."""


class CaseFilter(Contract):
    """What of a scope is asked for. taken_up_by: cases in which this agent has acted.

    assigned_to: cases that are the work of one of these.

    unassigned: cases that are nobody's work. snoozed: that were put off until a day. to_answer: that wait for a word of
    ours, received or in progress whatever `states` says.

    onwards: from those received at that time on, in the order asked for: how who reads all of a long list goes on.
    """

    states: tuple[CaseState, ...] = OPEN_STATES
    taken_up_by: AgentId | None = None
    assigned_to: tuple[AgentId, ...] = ()
    unassigned: bool = False
    snoozed: bool = False
    to_answer: bool = False
    order: Order = Order.NEWEST
    onwards: AwareDatetime | None = None
    skip: int = Field(default=0, ge=0)
    limit: int = Field(default=50, ge=1, le=200)

    @property
    def is_by_activity(self) -> bool:
        """Whether it is in the order of what happened last."""
        open_ones = self.to_answer or set(self.states) <= set(OPEN_STATES)
        return self.order is Order.ACTIVITY and open_ones and self.onwards is None

    @property
    def asks_about_work(self) -> bool:
        """Whether what is listed tells whose work a case is."""
        return bool(self.assigned_to) or self.unassigned or self.snoozed or self.to_answer


@dataclass(frozen=True)
class Work:
    """How many open cases are the work of some agents, and of nobody, wait for a word of the town's, and for a day."""

    mine: int
    nobodys: int
    to_answer: int = 0
    snoozed: int = 0


class CaseReader(Protocol):
    """Cases as one agent may see them. Every method raises TransientError when the store is away."""

    async def list_cases(self, scope: Scope, wanted: CaseFilter) -> Sequence[CaseRecord]:
        """Return the cases asked for, in the order asked for."""

    async def count(self, scope: Scope, states: Iterable[CaseState] = COUNTED_STATES) -> dict[CaseState, int]:
        """Return how many cases of the scope are in each of these states, up to COUNTED_UP_TO.

        A state without cases is left out.
        """

    async def count_work(self, scope: Scope, mine: tuple[AgentId, ...]) -> Work:
        """Return how many open cases of the scope there are of each kind, up to COUNTED_UP_TO.

        mine: whose work is one's own.
        """

    async def find(self, scope: Scope, case: CaseId) -> CaseRecord | None:
        """Return a case; None when it does not exist or is not the scope's to see."""

    async def find_by_reference(self, scope: Scope, reference: Reference) -> CaseRecord | None:
        """Return a case by what is written on its receipt; None as for `find`."""

    async def find_many(self, scope: Scope, cases: Iterable[CaseId]) -> Sequence[CaseRecord]:
        """Return those of these cases that the scope may see, newest first."""

    async def of_citizen(self, scope: Scope, citizen: SectorCitizenId) -> Sequence[CaseRecord]:
        """Return the cases of a citizen that the scope may see, newest first."""


class MongoCaseReader(CaseReader):
    """The cases in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._cases = database[COLLECTION]

    @translate_errors
    async def list_cases(self, scope: Scope, wanted: CaseFilter) -> Sequence[CaseRecord]:
        if wanted.is_by_activity:
            return await self._by_activity(scope, wanted)
        direction = ASCENDING if wanted.order is Order.WAITING_LONGEST else DESCENDING
        asked = _asked(wanted)
        if wanted.onwards is not None:
            asked["received_at"] = {"$lte" if direction == DESCENDING else "$gte": wanted.onwards}
        found = self._cases.find(seen_by(scope, asked)).sort([("received_at", direction), ("_id", direction)])
        return [_read(document) async for document in found.skip(wanted.skip).limit(wanted.limit)]

    async def _by_activity(self, scope: Scope, wanted: CaseFilter) -> Sequence[CaseRecord]:
        queries = active_by_grant(scope, wanted)
        lists = await asyncio.gather(*(self._active(*each, wanted.skip + wanted.limit) for each in queries))
        places = sorted({place for each in lists for place in each}, reverse=True)[wanted.skip :][: wanted.limit]
        found = self._cases.find(_named(scope, {"_id": {"$in": [case for _, case in places]}}))
        cases = {document["_id"]: _read(document) async for document in found}
        return [cases[case] for _, case in places if case in cases]

    async def _active(self, query: dict[str, Any], index: str, most: int) -> list[tuple[datetime, str]]:
        """Return when something happened last in cases, and their ids, the newest first."""
        found = self._cases.find(query, {"updated_at": 1}).sort([("updated_at", DESCENDING), ("_id", DESCENDING)])
        try:
            return [_place(document) async for document in found.limit(most).hint(index)]
        except OperationFailure as exc:
            if exc.code != _NO_SUCH_INDEX:
                raise
            return [_place(document) async for document in found.clone().hint(None)]  # the store is not prepared yet

    @translate_errors
    async def count(self, scope: Scope, states: Iterable[CaseState] = COUNTED_STATES) -> dict[CaseState, int]:
        asked = tuple(states)
        counts = await asyncio.gather(*(self._count(scope, state) for state in asked))
        return {state: count for state, count in zip(asked, counts, strict=True) if count}

    async def _count(self, scope: Scope, state: CaseState) -> int:
        return await self._cases.count_documents(seen_by(scope, {"state": state.value}), limit=COUNTED_UP_TO)

    @translate_errors
    async def count_work(self, scope: Scope, mine: tuple[AgentId, ...]) -> Work:
        return Work(*await asyncio.gather(*(self._count_open(scope, each) for each in kinds_of_work(mine))))

    async def _count_open(self, scope: Scope, wanted: CaseFilter) -> int:
        return await self._cases.count_documents(seen_by(scope, _asked(wanted)), limit=COUNTED_UP_TO)

    @translate_errors
    async def find(self, scope: Scope, case: CaseId) -> CaseRecord | None:
        return await self._one(_named(scope, {"_id": case}))

    @translate_errors
    async def find_by_reference(self, scope: Scope, reference: Reference) -> CaseRecord | None:
        return await self._one(_named(scope, {"reference": reference}))

    @translate_errors
    async def find_many(self, scope: Scope, cases: Iterable[CaseId]) -> Sequence[CaseRecord]:
        return await self._newest_first(_named(scope, {"_id": {"$in": [*cases]}}))

    @translate_errors
    async def of_citizen(self, scope: Scope, citizen: SectorCitizenId) -> Sequence[CaseRecord]:
        return await self._newest_first(_named(scope, {"citizen": citizen}))

    async def _one(self, query: dict[str, Any]) -> CaseRecord | None:
        document = await self._cases.find_one(query)
        return None if document is None else _read(document)

    async def _newest_first(self, query: dict[str, Any]) -> Sequence[CaseRecord]:
        cases = [_read(document) async for document in self._cases.find(query)]
        return sorted(cases, key=lambda case: (case.received_at, case.case_id), reverse=True)


def _asked(wanted: CaseFilter) -> dict[str, Any]:
    """Return what a list asks of cases, wherever one stands in it."""
    asked: dict[str, Any] = {"state": {"$in": [state.value for state in wanted.states]}}
    if wanted.taken_up_by is not None:
        asked[TAKEN_UP_BY] = wanted.taken_up_by
    if wanted.assigned_to:
        asked[ASSIGNED_TO] = {"$in": [*wanted.assigned_to]}
    if wanted.unassigned:
        asked[ASSIGNED_TO] = None
    if wanted.snoozed:
        asked |= SNOOZED
    if wanted.to_answer:
        asked |= {AT_REST: None, "state": {"$in": [state.value for state in OURS_TO_ANSWER]}}
    return asked


def kinds_of_work(mine: tuple[AgentId, ...]) -> tuple[CaseFilter, ...]:
    """Return what a Work counts, in its order."""
    own, nobodys = CaseFilter(assigned_to=mine), CaseFilter(unassigned=True)
    return own, nobodys, CaseFilter(to_answer=True), CaseFilter(snoozed=True)


def seen_by(scope: Scope, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return what every query of this file is: what is asked for, within each grant of the scope.

    Each grant repeats it all, since MongoDB merges what it finds for each in the order of a list only where each is
    whole. A scope without grants asks for no department's.
    """
    granted = [{**_granted(grant), **asked, **NOT_ERASED} for grant in scope.widest or (_NOTHING,)]
    return granted[0] if len(granted) == 1 else {"$or": granted}


def active_by_grant(scope: Scope, wanted: CaseFilter) -> list[tuple[dict[str, Any], str]]:
    """Return what to ask for each grant where a list is by activity, and the index that answers it.

    One by one, and by name: MongoDB tries ten ways at most to answer all grants at once, and there are many indexes.
    """
    asked = {**_asked(wanted), **NOT_CLOSED, **NOT_ERASED}
    return [({**_granted(grant), **asked}, _active_index(grant, wanted)) for grant in scope.widest or (_NOTHING,)]


def _active_index(grant: Grant, wanted: CaseFilter) -> str:
    """Return the index in which the fewest cases lie that are not asked for."""
    ways = {
        "active_of_assignee": bool(wanted.assigned_to),
        "active_of_entries": grant.entered_by is not None,
        "active_of_procedures": grant.procedures is not None,
        "active_of_snoozed": wanted.snoozed,
        "active_of_agent": wanted.taken_up_by is not None,
        "active_of_nobody": wanted.unassigned,
        "active_to_answer": wanted.to_answer,
    }
    return next((index for index, fits in ways.items() if fits), "active_of_departments")


def _named(scope: Scope, named: Mapping[str, Any]) -> dict[str, Any]:
    """Return the same for cases that are named: few, so that what is granted is looked at in each of them."""
    granted = [_granted(grant) for grant in scope.widest or (_NOTHING,)]
    limited = granted[0] if len(granted) == 1 else {"$or": granted}
    return {**named, **limited, **NOT_ERASED}


def _granted(grant: Grant) -> dict[str, Any]:
    condition: dict[str, Any] = {
        "department": {"$in": sorted(grant.departments)},
        "sector": {"$in": sorted(grant.sectors)},
    }
    if grant.procedures is not None:
        condition["procedure"] = {"$in": sorted(grant.procedures)}
    if grant.entered_by is not None:
        condition["entered_by"] = {"$in": sorted(grant.entered_by)}
    return condition


def _place(document: dict[str, Any]) -> tuple[datetime, str]:
    return document["updated_at"], document["_id"]


def _read(document: dict[str, Any]) -> CaseRecord:
    return CaseRecord.model_validate(document)
