"""The write side of `cases`. The case document is the outbox and the commit point (docs/decisions/0002).

A batch makes one write per case: an insertion, or an update on condition that nobody else wrote since it was read.
Reading for people is in reader; for their page, in followed.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Protocol

from pymongo import ASCENDING, IndexModel, UpdateOne

from guichet.case.case import Case
from guichet.case.history import entry_id
from guichet.case.record import CaseRecord
from guichet.contracts.case_events import CaseState
from guichet.contracts.legal_facts import LONG_AGO
from guichet.ids import AgentId, CaseId, EventId, Reference
from guichet.mongo.bulk import find_all, insert_new
from guichet.mongo.client import Database, translate_errors
from guichet.mongo.stored_fields import said_by
from guichet.privacy.data_map.entry import PUBLIC_TASK, Belonging, Bond, DataMapEntry, Erasure, Form, PersonalField
from guichet.privacy.data_map.retention import Executor, ForGood, KeptFor, Phrase, Until, months
from guichet.store.abuse_declarations import NO_RECEIPT
from guichet.store.cases.fields import LINK, LINKED_CASES, REASON, SUBJECT
from guichet.store.cases.history import COLLECTION as HISTORY
from guichet.store.cases.list_indexes import BEGINNING, SNOOZED, SNOOZED_UNTIL

COLLECTION = "cases"
WITH_A_DAY: Final = "with_a_day"
TO_RECKON: Final = "to_reckon"
CHANGES_ON: Final = "due.changes_on"
INDEXES: dict[str, list[IndexModel]] = {
    COLLECTION: [
        IndexModel([("reference", ASCENDING)], name="one_case_a_reference", unique=True, sparse=True),
        IndexModel(
            [("updated_at", ASCENDING)],
            name="with_unpublished_events",
            partialFilterExpression={"outbox.0": {"$exists": True}},
        ),
        IndexModel([(SNOOZED_UNTIL, ASCENDING)], name=WITH_A_DAY, partialFilterExpression=SNOOZED),
        IndexModel([(CHANGES_ON, ASCENDING)], name=TO_RECKON, partialFilterExpression={CHANGES_ON: {"$gt": ""}}),
        IndexModel(  # for an erasure; few cases have candidates
            [("candidates", ASCENDING)], name="by_candidate", partialFilterExpression={"candidates": {"$gt": ""}}
        ),
    ]
}
_IN_INDEXES: Final = (
    *("state", "sector", "department", "received_at", "updated_at"),
    *("closed_at", "erasing", "citizen"),
)
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="follow a citizen's request from its arrival to its end, and prove who did what when",
        legal_basis=PUBLIC_TASK,
        whose="citizens who write to the town, people they address, agents who answer",
        retention=(
            Until(
                event=Phrase("the archives allow destruction", "les archives en autorisent la destruction"),
                because=Phrase("Code du patrimoine L212-2", "Code du patrimoine L212-2"),
                by=Executor.NOBODY_YET,
            ),
            KeptFor(
                what=Phrase("a threat whose author is erased", "une menace dont l’auteur est effacé"),
                period=months(72),
                since=Phrase(
                    "an agent said that it is one, or 7 days after that is withdrawn (the town may say another time:"
                    " `threats_kept`)",
                    "sa qualification par un agent, ou 7 jours après le retrait de celle-ci (la collectivité peut fixer"
                    " un autre délai : `threats_kept`)",
                ),
                because=Phrase("to be confirmed by a lawyer: docs/law.md 68", "à confirmer par votre juriste"),
                by=Executor.EVIDENCE,
            ),
            ForGood(
                what=Phrase("id, version and day of a destroyed case", "numéro, version et jour d’un dossier détruit"),
                why=Phrase("nothing that comes again makes it anew", "rien de ce qui revient ne doit le recréer"),
            ),
        ),
        on_erasure=Erasure.DELETED,
        fields=(
            SUBJECT.at("subject"),
            LINKED_CASES.at("linked_to"),
            NO_RECEIPT.at("no_receipt"),
            PersonalField("citizen", Form.PSEUDONYM, "the sector's own id of the citizen"),
            PersonalField("candidates", Form.PSEUDONYM, "sector ids of those who are known at the sender's address"),
            PersonalField("participants", Form.PSEUDONYM, "tags, the case's own, of who was addressed in the thread"),
            PersonalField("follow", Form.PSEUDONYM, "the lookup value of the case's link"),
            LINK.at("link"),
            PersonalField("newest.by", Form.PSEUDONYM, "the agent's id"),
            PersonalField("assigned_to", Form.PSEUDONYM, "the id of the agent whose work the case is"),
            PersonalField("taken_up_by", Form.PSEUDONYM, "ids of the agents who have acted in the case"),
            PersonalField("workflow.done.by", Form.PSEUDONYM, "ids of the agents who marked its tasks"),
            PersonalField("outbox.event", Form.PSEUDONYM, "ids as on case-events"),
            REASON.at("outbox.event.reason"),
        ),
        belongs=(
            Belonging(Bond.SECTOR_CITIZEN, "citizen"),
            Belonging(Bond.SECTOR_CITIZEN, "candidates", shared=True),
        ),
        documents=Bond.CASE,
    ),
)


@dataclass(frozen=True)
class NotInserted:
    """New cases that were not inserted: already there, or their reference belongs to another case."""

    cases: frozenset[CaseId] = frozenset()
    references: frozenset[CaseId] = frozenset()


class CaseStore(Protocol):
    """Cases as the router writes them. Every method works in bulk and raises TransientError."""

    async def find_many(self, cases: Iterable[CaseId]) -> dict[CaseId, CaseRecord]:
        """Return those that exist, also those under erasure (`erasing`); a destroyed case does not exist."""

    async def find_by_references(self, references: Iterable[Reference]) -> dict[Reference, CaseRecord]:
        """Return those that exist; the reference of a case under erasure leads nowhere."""

    async def erased(self, cases: Iterable[CaseId]) -> frozenset[CaseId]:
        """Return those that are under erasure or destroyed (guichet.store.cases.erase)."""

    async def insert_new(self, cases: Sequence[CaseRecord]) -> NotInserted:
        """Insert cases; return which were not, and why."""

    async def update_if_unchanged(self, cases: Sequence[Case]) -> frozenset[CaseId]:
        """Write what has changed of each case that still has the version it was read at; return who lost the race.

        A case under erasure is not written to: whoever read it before loses the race.
        """

    async def pull_published(self, published: Mapping[CaseId, Sequence[EventId]]) -> frozenset[CaseId]:
        """Take published events out of the outboxes; return the cases that have been destroyed meanwhile."""

    async def assigned_to(self, agent: AgentId, skip: int, limit: int) -> list[CaseRecord]:
        """Return cases that are an agent's work, in whatever state, those received first first."""

    async def due(self, at: datetime, limit: int) -> list[CaseRecord]:
        """Return cases whose day has come by then, those first that it came to first."""

    async def to_reckon(self, day: date, limit: int) -> list[CaseRecord]:
        """Return cases whose clocks of the law stand differently from a day (of Paris) on, which has come."""

    async def passed_over(self, day: date, limit: int) -> list[CaseId]:
        """Return those that nobody has reckoned anew by the end of a day of Paris, though their day had come.

        Not those of before, which an upgrade lets reckon once (migration 60).
        """

    async def unfinished(self, before: datetime, limit: int, besides: Collection[CaseId] = ()) -> list[CaseId]:
        """Return other cases last changed before that time whose outbox is not empty, oldest first."""


class MongoCaseStore(CaseStore):
    """The cases in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._cases = database[COLLECTION]
        self._history = database[HISTORY]

    @translate_errors
    async def find_many(self, cases: Iterable[CaseId]) -> dict[CaseId, CaseRecord]:
        return {case.case_id: case for case in await self._find({"_id": {"$in": [*cases]}})}

    @translate_errors
    async def find_by_references(self, references: Iterable[Reference]) -> dict[Reference, CaseRecord]:
        return {
            case.reference: case
            for case in await self._find({"reference": {"$in": [*references]}, "erasing": {"$ne": True}})
        }

    @translate_errors
    async def erased(self, cases: Iterable[CaseId]) -> frozenset[CaseId]:
        found = self._cases.find({"erasing": True, "_id": {"$in": [*cases]}}, {"_id": 1})
        return frozenset([document["_id"] async for document in found])

    @translate_errors
    async def insert_new(self, cases: Sequence[CaseRecord]) -> NotInserted:
        errors = await insert_new(self._cases, [as_document(case) for case in cases])
        taken = {"_id": set[CaseId](), "reference": set[CaseId]()}
        for error in errors:
            taken[next(iter(error["keyPattern"]))].add(cases[error["index"]].case_id)
        return NotInserted(frozenset(taken["_id"]), frozenset(taken["reference"]))

    @translate_errors
    async def update_if_unchanged(self, cases: Sequence[Case]) -> frozenset[CaseId]:
        if not cases:
            return frozenset()
        result = await self._cases.bulk_write([_conditional_update(case) for case in cases], ordered=False)
        if result.matched_count == len(cases):
            return frozenset()
        return await self._lost(cases)

    @translate_errors
    async def pull_published(self, published: Mapping[CaseId, Sequence[EventId]]) -> frozenset[CaseId]:
        if not published:
            return frozenset()
        events = [event for of_case in published.values() for event in of_case]
        # One statement for all: an event id is of one case only, so that no case loses another's entry.
        these = {"_id": {"$in": [*published]}}
        living = {**these, "destroyed_at": {"$exists": False}}
        pulled = await self._cases.update_many(living, {"$pull": {"outbox": {"event.event_id": {"$in": events}}}})
        if pulled.matched_count == len(published):
            return frozenset()
        gone = self._cases.find({**these, "destroyed_at": {"$exists": True}}, {"_id": 1})
        return frozenset([document["_id"] async for document in gone])

    @translate_errors
    async def assigned_to(self, agent: AgentId, skip: int, limit: int) -> list[CaseRecord]:
        query = {"assigned_to": agent, "state": {"$in": [*CaseState]}, "erasing": {"$ne": True}}
        in_order = self._cases.find(query).sort([("received_at", ASCENDING), ("_id", ASCENDING)])
        found = in_order.skip(skip).limit(limit)
        return [CaseRecord.model_validate(document) async for document in found]

    @translate_errors
    async def due(self, at: datetime, limit: int) -> list[CaseRecord]:
        query = {SNOOZED_UNTIL: {"$gt": BEGINNING, "$lte": at}, "erasing": {"$ne": True}}
        found = self._cases.find(query, hint=WITH_A_DAY).sort(SNOOZED_UNTIL, ASCENDING).limit(limit)
        return [CaseRecord.model_validate(document) async for document in found]

    @translate_errors
    async def to_reckon(self, day: date, limit: int) -> list[CaseRecord]:
        query = {CHANGES_ON: {"$gt": "", "$lte": day.isoformat()}, "erasing": {"$ne": True}}
        found = self._cases.find(query, hint=TO_RECKON).sort(CHANGES_ON, ASCENDING).limit(limit)
        return [CaseRecord.model_validate(document) async for document in found]

    @translate_errors
    async def passed_over(self, day: date, limit: int) -> list[CaseId]:
        query = {CHANGES_ON: {"$gt": LONG_AGO.isoformat(), "$lte": day.isoformat()}, "erasing": {"$ne": True}}
        found = self._cases.find(query, {"_id": 1}, hint=TO_RECKON).sort(CHANGES_ON, ASCENDING).limit(limit)
        return [document["_id"] async for document in found]

    @translate_errors
    async def unfinished(self, before: datetime, limit: int, besides: Collection[CaseId] = ()) -> list[CaseId]:
        query = {"updated_at": {"$lt": before}, "outbox.0": {"$exists": True}, "_id": {"$nin": [*besides]}}
        found = self._cases.find(query, {"_id": 1}).sort("updated_at", ASCENDING).limit(limit)
        return [document["_id"] async for document in found]

    async def _find(self, query: dict[str, Any]) -> list[CaseRecord]:
        documents = await find_all(self._cases, {**query, "destroyed_at": {"$exists": False}})
        return [CaseRecord.model_validate(document) for document in documents]

    async def _lost(self, cases: Sequence[Case]) -> frozenset[CaseId]:
        """Tell which updates matched nothing: the bulk's answer counts only.

        Ours is in the outbox, or published and copied into the history by somebody else since: two writers never both
        have their causes at the same versions.
        """
        found = await self._find({"_id": {"$in": [case.record.case_id for case in cases]}})
        waiting = {case.case_id: {entry.event["event_id"] for entry in case.outbox} for case in found}
        missed = {
            entry_id(case.record.case_id, entry.event["version"]): (case.record.case_id, entry)
            for case in cases
            for entry in case.added
            if entry.event["event_id"] not in waiting.get(case.record.case_id, ())
        }
        if missed:
            copied = await find_all(self._history, {"_id": {"$in": [*missed]}})
            for each in copied:
                _, entry = missed[each["_id"]]
                if (each["type"], each.get("cause")) == (entry.event["type"], entry.cause):
                    del missed[each["_id"]]
        return frozenset(case for case, _ in missed.values())


def as_document(case: CaseRecord) -> dict[str, Any]:
    """Return a case as it rests: what it does not say takes no room, and what indexes ask for comes first.

    For each key of each index MongoDB walks over the document's fields, whenever one of them changes.
    """
    first = {name: getattr(case, name) for name in _IN_INDEXES}
    return {"_id": case.case_id, **first, **said_by(case)}


def _conditional_update(case: Case) -> UpdateOne:
    update = {
        "$set": case.changes(),
        "$push": {"outbox": {"$each": [entry.model_dump() for entry in case.added]}},
    }
    as_read = {"_id": case.read.case_id, "version": case.read.version, "erasing": {"$ne": True}}
    return UpdateOne(as_read, update)
