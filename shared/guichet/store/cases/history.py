"""What happened in each case, an entry an event: it grows as long as the case lives, and the case does not.

The router copies what it has published out of a case's outbox, before it takes it from there: whoever reads the case
first and its history then misses nothing (docs/decisions/0032).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple, Protocol

from pymongo import ASCENDING, DESCENDING, IndexModel

from guichet.case.history import HistoryEntry
from guichet.ids import CaseId, DepartmentId, MessageId
from guichet.law.calendar import PARIS
from guichet.mongo.bulk import find_all, insert_new
from guichet.mongo.client import Database, translate_errors
from guichet.privacy.data_map.entry import PUBLIC_TASK, Belonging, Bond, DataMapEntry, Erasure, Form, PersonalField
from guichet.privacy.data_map.retention import Owner, WithIts
from guichet.store.cases.fields import REASON

COLLECTION = "case_history"
STEPS: Final = (
    *("CaseOpened", "CaseRerouted", "CaseAssigned", "NoteAdded", "CaseSnoozed"),
    *("CaseMoved", "CaseClosed", "CaseReopened", "FactStated", "ReceiptOwed", "ClockReached"),
    *("WorkflowBegun", "TaskMarked", "StepReached"),
    *("SenderConfirmed", "AbuseDeclared", "AbuseLifted", "CommandRefused", "DeliverySettled"),
)
"""Steps that say more than the messages they are about; the others are told by the message itself."""

MOVES: Final = ("CaseOpened", "CaseRerouted")
"""Who had the case when."""

MOVES_AND_ANSWERS: Final = (*MOVES, "ReplyRequested")
"""Who had the case when, and what was answered."""

FACTS: Final = ("FactStated",)
"""What agents said: of one case few (guichet.case.legal_facts.FACTS_AT_MOST)."""

ABOUT_OUTBOUND: Final = ("ReplyRequested", "DeliveryRecorded", "DeliverySettled")
"""What was asked, reported and said of an outbound message."""

OF_A_DAY: Final = ("CaseOpened", "ReplyRequested", "CaseClosed")
"""What is counted of a department's day: each names whose the case was then (`had_by`)."""

# Each question names its index: the planner, left alone, may take for a long case what was best for a short one.
BY_CAUSE: Final = "by_cause"
BY_TYPE: Final = "by_type"
BY_OUTBOUND: Final = "by_outbound"
BY_DAY: Final = "by_day"
INDEXES: dict[str, list[IndexModel]] = {
    COLLECTION: [
        IndexModel([("cause", ASCENDING), ("case_id", ASCENDING)], name=BY_CAUSE),
        IndexModel([("case_id", ASCENDING), ("type", ASCENDING), ("at", ASCENDING)], name=BY_TYPE),
        IndexModel(
            [("case_id", ASCENDING), ("message_id", ASCENDING)],
            name=BY_OUTBOUND,
            partialFilterExpression={"type": {"$in": [*ABOUT_OUTBOUND]}},
        ),
        IndexModel(
            [("had_by", ASCENDING), ("type", ASCENDING), ("at", ASCENDING)],
            name=BY_DAY,
            partialFilterExpression={"had_by": {"$gt": ""}},
        ),
    ]
}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="prove who did what when in a case, and do nothing twice",
        legal_basis=PUBLIC_TASK,
        whose="citizens who write to the town, agents who answer",
        retention=(WithIts(owner=Owner.CASE),),
        on_erasure=Erasure.DELETED,
        fields=(
            REASON.at("reason"),
            PersonalField("by", Form.PSEUDONYM, "the agent's id"),
            PersonalField("to_agent", Form.PSEUDONYM, "the id of the agent whose work the case became"),
            PersonalField("mentions", Form.PSEUDONYM, "the ids of agents to whom an internal note speaks by name"),
            PersonalField("from_agent", Form.PSEUDONYM, "the id of the agent whose work it was"),
        ),
        belongs=(Belonging(Bond.CASE, "case_id"),),
    ),
)

Done = tuple[CaseId, str]
"""A case, and a cause that it has."""


class OnADay(NamedTuple):
    """What happened on a day of Paris. type: of its event."""

    day: date
    type: str


class CaseHistory(Protocol):
    """The history of cases. Every method raises TransientError.

    Who reads for people has found the case within their scope.
    """

    async def add(self, entries: Sequence[HistoryEntry]) -> None:
        """Copy entries; one that is there stays as it is."""

    async def forget(self, cases: Collection[CaseId]) -> None:
        """Remove every entry of these cases, which are destroyed."""

    async def of_causes(self, cases: Collection[CaseId], causes: Collection[str]) -> list[HistoryEntry]:
        """Return what these causes brought about in these cases."""

    async def moves(self, cases: Collection[CaseId]) -> list[HistoryEntry]:
        """Return the openings and re-routings (MOVES) of these cases, in order of version."""

    async def moves_and_answers(self, cases: Collection[CaseId]) -> list[HistoryEntry]:
        """Return these and the answers (MOVES_AND_ANSWERS) of these cases, in order of version."""

    async def facts(self, case: CaseId) -> list[HistoryEntry]:
        """Return what agents said of a case that the law's clocks ask for (FactStated), in order of version."""

    async def steps(self, case: CaseId, until: datetime | None, skip: int, limit: int) -> list[HistoryEntry]:
        """Return steps (STEPS) of a case, newest first. until: none later; None: from the newest."""

    async def of_outbound(self, case: CaseId, messages: Collection[MessageId]) -> list[HistoryEntry]:
        """Return what was asked and reported of these outbound messages, in order of version."""

    async def messages(self, case: CaseId) -> frozenset[MessageId]:
        """Return every message that the history names."""

    async def count_days(self, department: DepartmentId, since: datetime, until: datetime) -> Mapping[OnADay, int]:
        """Return how often what is OF_A_DAY happened in a department, on each day of Paris on which it did.

        From since on, and before until.
        """


class MongoCaseHistory(CaseHistory):
    """The history in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._entries = database[COLLECTION]

    @translate_errors
    async def add(self, entries: Sequence[HistoryEntry]) -> None:
        await insert_new(self._entries, [as_document(entry) for entry in entries])

    @translate_errors
    async def forget(self, cases: Collection[CaseId]) -> None:
        await self._entries.delete_many({"case_id": {"$in": [*cases]}})

    @translate_errors
    async def of_causes(self, cases: Collection[CaseId], causes: Collection[str]) -> list[HistoryEntry]:
        if not cases or not causes:
            return []
        return await self._find({"cause": {"$in": [*causes]}, "case_id": {"$in": [*cases]}}, BY_CAUSE)

    @translate_errors
    async def moves(self, cases: Collection[CaseId]) -> list[HistoryEntry]:
        return await self._of_types(cases, MOVES)

    @translate_errors
    async def moves_and_answers(self, cases: Collection[CaseId]) -> list[HistoryEntry]:
        return await self._of_types(cases, MOVES_AND_ANSWERS)

    @translate_errors
    async def facts(self, case: CaseId) -> list[HistoryEntry]:
        return await self._of_types([case], FACTS)

    @translate_errors
    async def steps(self, case: CaseId, until: datetime | None, skip: int, limit: int) -> list[HistoryEntry]:
        query: dict[str, Any] = {"case_id": case, "type": {"$in": [*STEPS]}}
        if until is not None:
            query["at"] = {"$lte": until}
        found = self._entries.find(query, hint=BY_TYPE).sort("at", DESCENDING).skip(skip).limit(limit)
        return [HistoryEntry.model_validate(document) async for document in found]

    @translate_errors
    async def of_outbound(self, case: CaseId, messages: Collection[MessageId]) -> list[HistoryEntry]:
        if not messages:
            return []
        about = {"case_id": case, "message_id": {"$in": [*messages]}, "type": {"$in": [*ABOUT_OUTBOUND]}}
        return in_order(await self._find(about, BY_OUTBOUND))

    @translate_errors
    async def messages(self, case: CaseId) -> frozenset[MessageId]:
        found = self._entries.find({"case_id": case, "message_id": {"$exists": True}}, {"_id": 0, "message_id": 1})
        return frozenset([document["message_id"] async for document in found if document["message_id"]])

    @translate_errors
    async def count_days(self, department: DepartmentId, since: datetime, until: datetime) -> Mapping[OnADay, int]:
        asked = {"had_by": department, "type": {"$in": [*OF_A_DAY]}, "at": {"$gte": since, "$lt": until}}
        day = {"$dateToString": {"date": "$at", "format": "%Y-%m-%d", "timezone": PARIS.key}}
        each = {"$group": {"_id": {"type": "$type", "day": day}, "count": {"$sum": 1}}}
        found = self._entries.aggregate([{"$match": asked}, each], hint=BY_DAY)
        return {OnADay(date.fromisoformat(row["_id"]["day"]), row["_id"]["type"]): row["count"] async for row in found}

    async def _of_types(self, cases: Collection[CaseId], types: Collection[str]) -> list[HistoryEntry]:
        query = {"case_id": {"$in": [*cases]}, "type": {"$in": [*types]}}
        return in_order(await self._find(query, BY_TYPE)) if cases else []

    async def _find(self, query: dict[str, Any], index: str) -> list[HistoryEntry]:
        found = await find_all(self._entries, query, index=index)
        return [HistoryEntry.model_validate(document) for document in found]


def as_document(entry: HistoryEntry) -> dict[str, Any]:
    """Return an entry as it rests: what it does not say takes no room."""
    # Half of what a model's own dump costs.
    said = {name: value for name, value in entry if value is not None and value != ()}
    if entry.reason is not None:
        said["reason"] = entry.reason.model_dump()
    if entry.due is not None:
        said["due"] = entry.due.isoformat()
    return {"_id": entry.entry_id, **said}


def in_order(entries: Iterable[HistoryEntry]) -> list[HistoryEntry]:
    """Return entries in order of version, each case's together."""
    return sorted(entries, key=lambda entry: (entry.case_id, entry.version))
