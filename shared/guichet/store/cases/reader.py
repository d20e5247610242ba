"""Reading cases. There is no way to read one without a Scope, and what is out of scope does not exist.

Only what the scope's grants cover is ever asked for: a case of somebody else's and a case that does not exist take the
same query and the same answer, None.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence, Sized
from datetime import date, datetime
from typing import Any, Final, NamedTuple, Protocol

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import OperationFailure

from guichet.case.record import CaseRecord
from guichet.contracts.case_events import CaseState
from guichet.contracts.legal_facts import Day
from guichet.ids import AgentId, CaseId, Reference, SectorCitizenId
from guichet.mongo.client import Database, translate_errors
from guichet.privacy.data_map.entry import DataMapEntry
from guichet.rights.scope import Scope
from guichet.store.cases.case_filter import (
    COUNTED_STATES,
    OPEN_STATES,
    CaseFilter,
    DueCount,
    ListCursor,
    Scanned,
    Work,
    kinds_of_work,
    midnight,
)
from guichet.store.cases.due_queries import (
    DECIDED,
    LOOKED_AT_IN_EACH,
    STILL_DUE,
    day_in,
    direction_of_days,
    due_questions,
    field_of,
    fits_due,
    index_of,
    is_seen,
    until_today,
)
from guichet.store.cases.list_indexes import DECIDED_ON, DUE_ON, LISTS, NOT_CLOSED
from guichet.store.cases.list_queries import (
    LOOKED_AT,
    active_by_grant,
    asked_of,
    direction_of,
    fits,
    moment_of,
    named,
    narrowed,
    order_of,
    scanned_by_grant,
    seen_by,
)
from guichet.store.cases.open_case import STORED, OpenCase

COLLECTION = "cases"
INDEXES: dict[str, list[IndexModel]] = {COLLECTION: LISTS}  # in_queue knows which sectors there are, too
DATA_MAP: tuple[DataMapEntry, ...] = ()  # guichet.store.cases.store writes the collection and declares it
_NO_SUCH_INDEX: Final = 2  # BadValue
COUNTED_UP_TO: Final = 100  # cases of a state: a list says "99+" from there on, and looks at no more of them
COUNTED_AMONG: Final = 200  # cases of the town that are due: some 2 ms
OPEN_AT_ONCE: Final = 900  # open cases of a department of which its figures are made: some 10 ms
SCANNED_AT_ONCE: Final = 800  # cases that one look further looks at, of each grant: some 10 ms


class CaseReader(Protocol):
    """Cases as one agent may see them. Every method raises TransientError when the store is away."""

    async def list_cases(self, scope: Scope, wanted: CaseFilter) -> Sequence[CaseRecord]:
        """Return the cases asked for, in the order asked for. Not of a filter that is scanned."""

    async def scan(self, scope: Scope, wanted: CaseFilter) -> Scanned:
        """Return those asked for among the next SCANNED_AT_ONCE of a list, up to `limit`. `skip` counts for nothing."""

    async def count(self, scope: Scope, states: Iterable[CaseState] = COUNTED_STATES) -> dict[CaseState, int]:
        """Return how many cases of the scope are in each of these states, up to COUNTED_UP_TO.

        A state without cases is left out.
        """

    async def count_work(self, scope: Scope, mine: tuple[AgentId, ...]) -> Work:
        """Return how many open cases of the scope there are of each kind, up to COUNTED_UP_TO.

        mine: whose work is one's own.
        """

    async def count_due(self, scope: Scope, today: Day) -> DueCount:
        """Return how many cases of the scope are late, due today, and open after silence decided, up to COUNTED_UP_TO.

        None where more than COUNTED_AMONG of the whole town's are, or were decided so, and not each was looked at.
        """

    async def open_cases(self, scope: Scope) -> Sequence[OpenCase]:
        """Return the open cases of the scope, those received first first; at most OPEN_AT_ONCE and one more.

        The one more says that there are others.
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
        assert not wanted.is_scanned, "no index answers it"
        if wanted.is_by_activity:
            return await self._by_activity(scope, wanted)
        direction = direction_of(wanted)
        query = seen_by(narrowed(scope, wanted), asked_of(wanted))
        found = self._cases.find(query).sort([("received_at", direction), ("_id", direction)])
        return [_read(document) async for document in found.skip(wanted.skip).limit(wanted.limit)]

    async def _by_activity(self, scope: Scope, wanted: CaseFilter) -> Sequence[CaseRecord]:
        queries = active_by_grant(scope, wanted)
        lists = await asyncio.gather(*(self._active(*each, wanted.skip + wanted.limit) for each in queries))
        places = sorted({place for each in lists for place in each}, reverse=True)[wanted.skip :][: wanted.limit]
        return await self._at(scope, places)

    async def _at(self, scope: Scope, places: Sequence[tuple[datetime, str]]) -> Sequence[CaseRecord]:
        """Return the cases at some places of a list, in this order."""
        found = self._cases.find(named(scope, {"_id": {"$in": [case for _, case in places]}}))
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
    async def scan(self, scope: Scope, wanted: CaseFilter) -> Scanned:
        if wanted.due is not None:
            return await self._scan_due(scope, wanted)
        lists = await asyncio.gather(*(self._next(*each, wanted) for each in scanned_by_grant(scope, wanted)))
        looked_at = {row.place: row for each in lists for row in each}
        places = sorted(looked_at, reverse=direction_of(wanted) == DESCENDING)[:SCANNED_AT_ONCE]
        fitting = [place for place in places if looked_at[place].fits]
        shown = fitting[: wanted.limit]
        cases = await self._at(scope, shown)
        if len(fitting) > len(shown):
            return Scanned(cases, _cursor_of(shown[-1]), places.index(shown[-1]) + 1)
        further = _cursor_of(places[-1]) if len(places) == SCANNED_AT_ONCE else None
        return Scanned(cases, further, len(places))

    async def _scan_due(self, scope: Scope, wanted: CaseFilter) -> Scanned:
        rows: list[dict[str, Any]] = []
        shown_of = {field_of(wanted): 1, **LOOKED_AT_IN_EACH}
        order = [(field_of(wanted), direction_of_days(wanted)), ("_id", direction_of_days(wanted))]
        for query in due_questions(wanted):
            left = SCANNED_AT_ONCE - len(rows)
            found = self._cases.find(query, shown_of, sort=order, limit=left) if left else None
            rows += await self._answered(found, index_of(wanted)) if found is not None else []
        fitting = [row for row in rows if fits_due(row, scope, wanted)]
        shown = fitting[: wanted.limit]
        cases = await self._at(scope, [(midnight(_day(row, wanted)), row["_id"]) for row in shown])
        if len(fitting) > len(shown):
            return Scanned(cases, _due_cursor(shown[-1], wanted), rows.index(shown[-1]) + 1)
        further = _due_cursor(rows[-1], wanted) if len(rows) == SCANNED_AT_ONCE else None
        return Scanned(cases, further, len(rows))

    async def _answered(self, found: Any, index: str) -> list[dict[str, Any]]:
        try:
            return [row async for row in found.hint(index)]
        except OperationFailure as exc:
            if exc.code != _NO_SUCH_INDEX:
                raise
            return [row async for row in found.clone().hint(None)]  # the store is not prepared yet

    @translate_errors
    async def count_due(self, scope: Scope, today: Day) -> DueCount:
        due = self._cases.find(until_today(today), {DUE_ON: 1, **LOOKED_AT_IN_EACH}, sort=[(DUE_ON, ASCENDING)])
        decided = self._cases.find(DECIDED, LOOKED_AT_IN_EACH, sort=[(DECIDED_ON, ASCENDING)])
        rows, by_silence = await asyncio.gather(
            self._answered(due.limit(COUNTED_AMONG + 1), "by_due_day"),
            self._answered(decided.limit(COUNTED_AMONG + 1), "by_decision"),
        )
        seen = [row["due"]["due_on"] for row in rows if is_seen(row, scope) and row["state"] in STILL_DUE]
        now = seen.count(today.isoformat())
        still_open = sum(is_seen(row, scope) and row["state"] in OPEN_STATES for row in by_silence)
        return DueCount(_of(rows, len(seen) - now), _of(rows, now), _of(by_silence, still_open))

    async def _next(self, query: dict[str, Any], index: str, wanted: CaseFilter) -> list["_LookedAt"]:
        """Return the next cases of a list, whether they are asked for or not."""
        moment, order = moment_of(wanted), order_of(query, wanted)
        found = self._cases.find(query, {moment: 1, **LOOKED_AT}, sort=order or None)
        try:
            rows = [row async for row in found.limit(SCANNED_AT_ONCE).hint(index)]
        except OperationFailure as exc:
            if exc.code != _NO_SUCH_INDEX:
                raise
            rows = [row async for row in found.clone().hint(None)]  # the store is not prepared yet
        return [_LookedAt((row[moment], row["_id"]), fits(row, wanted)) for row in rows]

    @translate_errors
    async def count(self, scope: Scope, states: Iterable[CaseState] = COUNTED_STATES) -> dict[CaseState, int]:
        asked = tuple(states)
        counts = await self._counted([seen_by(scope, {"state": state.value}) for state in asked])
        return {state: count for state, count in zip(asked, counts, strict=True) if count}

    @translate_errors
    async def count_work(self, scope: Scope, mine: tuple[AgentId, ...]) -> Work:
        # What is nobody's or to be answered has an index of open cases alone.
        return Work(*await self._counted([seen_by(scope, asked_of(each) | NOT_CLOSED) for each in kinds_of_work(mine)]))

    async def _counted(self, questions: Sequence[dict[str, Any]]) -> list[int]:
        """Return how many cases each finds. One command asks them all: each on its own costs more than its answer."""
        if not questions:
            return []
        counts: list[list[dict[str, Any]]] = [
            [{"$match": asked}, {"$limit": COUNTED_UP_TO}, {"$count": "cases"}, {"$set": {"nth": nth}}]
            for nth, asked in enumerate(questions)
        ]
        first, *others = counts
        joined: list[dict[str, Any]] = [{"$unionWith": {"coll": COLLECTION, "pipeline": each}} for each in others]
        found = {row["nth"]: row["cases"] async for row in self._cases.aggregate([*first, *joined])}
        return [found.get(nth, 0) for nth in range(len(questions))]

    @translate_errors
    async def open_cases(self, scope: Scope) -> Sequence[OpenCase]:
        found = self._cases.find(seen_by(scope, asked_of(CaseFilter())), dict.fromkeys(STORED, 1))
        in_order = found.sort([("received_at", ASCENDING), ("_id", ASCENDING)]).limit(OPEN_AT_ONCE + 1)
        return [OpenCase.model_validate(document) async for document in in_order]

    @translate_errors
    async def find(self, scope: Scope, case: CaseId) -> CaseRecord | None:
        return await self._one(named(scope, {"_id": case}))

    @translate_errors
    async def find_by_reference(self, scope: Scope, reference: Reference) -> CaseRecord | None:
        return await self._one(named(scope, {"reference": reference}))

    @translate_errors
    async def find_many(self, scope: Scope, cases: Iterable[CaseId]) -> Sequence[CaseRecord]:
        return await self._newest_first(named(scope, {"_id": {"$in": [*cases]}}))

    @translate_errors
    async def of_citizen(self, scope: Scope, citizen: SectorCitizenId) -> Sequence[CaseRecord]:
        return await self._newest_first(named(scope, {"citizen": citizen}))

    async def _one(self, query: dict[str, Any]) -> CaseRecord | None:
        document = await self._cases.find_one(query)
        return None if document is None else _read(document)

    async def _newest_first(self, query: dict[str, Any]) -> Sequence[CaseRecord]:
        cases = [_read(document) async for document in self._cases.find(query)]
        return sorted(cases, key=lambda case: (case.received_at, case.case_id), reverse=True)


def _of(looked_at: Sized, count: int) -> int | None:
    """Return a number as it is said, of what was looked at; None where that is not all there is."""
    return min(count, COUNTED_UP_TO) if len(looked_at) <= COUNTED_AMONG else None


def _day(row: Mapping[str, Any], wanted: CaseFilter) -> Day:
    return date.fromisoformat(day_in(row, wanted))


def _due_cursor(row: Mapping[str, Any], wanted: CaseFilter) -> ListCursor:
    return ListCursor(at=midnight(_day(row, wanted)), case=CaseId(row["_id"]))


class _LookedAt(NamedTuple):
    """A case that was looked at. place: in its list."""

    place: tuple[datetime, str]
    fits: bool


def _cursor_of(place: tuple[datetime, str]) -> ListCursor:
    return ListCursor(at=place[0], case=CaseId(place[1]))


def _place(document: dict[str, Any]) -> tuple[datetime, str]:
    return document["updated_at"], document["_id"]


def _read(document: dict[str, Any]) -> CaseRecord:
    return CaseRecord.model_validate(document)
