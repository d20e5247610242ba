"""Drafts of answers: what an agent has written to a citizen and not sent, each under a data key of its own.

One a case and agent. A colleague who may answer the case reads it, too. What was sent or thrown away leaves a draft
that is over: its words are gone, and the form that they were typed into is remembered, so that a save which was under
way meanwhile does not bring them back. In between an answer is on its way out (`Leaving`): no form saves into it, its
author may still take it back, and whoever dies, what it was to do is done once (docs/decisions/0074). Or it waits to be
signed by somebody else (`ToSign`, docs/decisions/0078): who signs it lets this same document leave, so that it waits or
leaves, and never both.

Its files lie in the object store under the draft's key, and are named beside the words (docs/decisions/0077): added and
taken away one by one, so that no save of the words, which may have begun earlier, loses one.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from pymongo import ASCENDING, DESCENDING, IndexModel, ReturnDocument
from pymongo.errors import DuplicateKeyError

from guichet.contracts.base import Sealed
from guichet.ids import AgentId, CaseId, DepartmentId, DraftId, EventId
from guichet.mongo.bulk import find_all
from guichet.mongo.client import Database, translate_errors
from guichet.mongo.hold import from_now, is_free
from guichet.privacy.data_map.entry import (
    FILE_SIZE,
    PUBLIC_TASK,
    Belonging,
    Bond,
    DataMapEntry,
    Erasure,
    Form,
    Join,
    PersonalField,
)
from guichet.privacy.data_map.retention import Owner, WithIts
from guichet.store.draft import (
    FILE_BYTES_AT_MOST,
    FILE_NAME,
    FILES_AT_MOST,
    NOBODY,
    SIGNING,
    TO_SIGN_AT_MOST,
    TOLD_AT_MOST,
    WORDS,
    AttachedFile,
    Draft,
    ToSign,
    draft_of,
    let_go,
)

COLLECTION = "drafts"
INDEXES: dict[str, list[IndexModel]] = {
    COLLECTION: [
        IndexModel([("case_id", ASCENDING)], name="by_case"),
        IndexModel(
            [("leaving.next_at", ASCENDING)],
            name="leaving",
            partialFilterExpression={"leaving.next_at": {"$exists": True}},
        ),
        IndexModel(
            [("author", ASCENDING), ("saved_at", DESCENDING)],
            name="did_not_leave",
            partialFilterExpression={"refused": {"$gt": ""}},
        ),
        IndexModel(
            [("to_sign.department", ASCENDING), ("to_sign.at", ASCENDING)],
            name="to_sign",
            partialFilterExpression={"to_sign.at": {"$exists": True}},
        ),
        IndexModel(
            [("author", ASCENDING), ("sent_back.at", DESCENDING)],
            name="sent_back",
            partialFilterExpression={"sent_back.at": {"$exists": True}},
        ),
        # whether a file is anybody's
        IndexModel([("files.file_id", ASCENDING)], name="by_file", sparse=True),
        IndexModel([("leaving.files.file_id", ASCENDING)], name="by_leaving_file", sparse=True),
    ]
}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="lose nothing of an answer that is being written, and let a colleague see that it is",
        legal_basis=PUBLIC_TASK,
        whose="citizens who write to the town, people they name, agents",
        retention=(WithIts(owner=Owner.CASE),),
        on_erasure=Erasure.DELETED,
        fields=(
            WORDS.at("words"),
            FILE_NAME.at("files.name"),
            FILE_NAME.at("leaving.files.name"),
            SIGNING.at("signing"),
            PersonalField("author", Form.PSEUDONYM, "the agent's id"),
            PersonalField("way", Form.PSEUDONYM, "HMAC of the case and the address that was chosen"),
            PersonalField("sent_back.by", Form.PSEUDONYM, "the agent's id"),
            PersonalField("leaving.reply.issued_by", Form.PSEUDONYM, "the agent's id"),
            PersonalField("leaving.reply.drafted_by", Form.PSEUDONYM, "the agent's id"),
            PersonalField("leaving.then.issued_by", Form.PSEUDONYM, "the agent's id"),
        ),
        belongs=(Belonging(Bond.CASE, "case_id"),),
        files=("files.file_id", "leaving.files.file_id"),
        joins=(Join("files.size_bytes", FILE_SIZE), Join("leaving.files.size_bytes", FILE_SIZE)),
    ),
)


@dataclass(frozen=True)
class Kept:
    """That a draft was kept. replaced: what it took the place of, as it was in that moment."""

    replaced: Draft | None


class Drafts(Protocol):
    """The drafts. Every method raises TransientError."""

    async def put(self, draft: Draft, replaces: str) -> Kept | None:
        """Keep a draft over what is there of the same case and agent; None: it was not.

        What is attached stays, but to one that is over. Not where that is another form's (neither `once` nor
        `replaces` names it), nor where this form's is over.
        """

    async def attach(self, draft: DraftId, once: str, file: AttachedFile) -> bool:
        """Attach a file to what a form writes; say whether it was: not past the limits, nor where it is over or
        waits to be signed.
        """

    async def detach(self, draft: DraftId, once: str, file: str) -> bool:
        """Take a file off what a form writes; say whether it was there: not where it is over, or waits to be signed."""

    async def of_case(self, case: CaseId) -> list[Draft]:
        """Return a case's, those that are over among them. Who reads for people has found it within their scope."""

    async def refused_of(self, author: AgentId, since: datetime) -> list[Draft]:
        """Return an agent's drafts that are answers which did not leave, of words saved after `since`.

        The last saved first, up to TOLD_AT_MOST.
        """

    async def leave(self, draft: Draft, replaces: str, hold: timedelta = NOBODY) -> bool:
        """Keep a draft that leaves, where `put` would keep it, or where the same form's is over or not taken yet.

        Say whether it was: not where other files are attached than leave. hold: for so long it is the caller's to give.
        """

    async def take_back(self, draft: DraftId, reply: EventId, words: Sealed | None = None) -> bool:
        """Make it a draft again, with its files; say whether it was, and none that had been taken or was there no more.

        words: what it says then; None: what it said as it left.
        """

    async def take(self, now: datetime, hold: timedelta) -> Draft | None:
        """Return what leaves and is due, marked as taken and held, the longest due first; None: nothing is free.

        It comes as it is then, and is let go by whoever settles it.
        """

    async def settle(self, draft: Draft, reply: EventId) -> bool:
        """Keep what became of an answer in its place, held by nobody; say whether that was still its place."""

    async def replace(self, draft: Draft, shown: Collection[str], hold: timedelta = NOBODY) -> bool:
        """Keep a draft in place of one that is not over and bears one of these marks; say whether it was.

        shown: marks of the forms that it was last kept by, as a page showed it. hold: as in `leave`.
        """

    async def to_sign_in(self, departments: Collection[DepartmentId]) -> list[Draft]:
        """Return what waits to be signed there, the longest first, up to TO_SIGN_AT_MOST. What leaves is none of it."""

    async def follow_case(self, draft: DraftId, to_sign: ToSign | None, was: ToSign) -> bool:
        """Let a draft that waits wait in another department, or no more; say whether it still waited as it was."""

    async def sent_back_to(self, author: AgentId) -> list[Draft]:
        """Return an agent's answers that came back unsigned, the last first, up to TOLD_AT_MOST."""

    async def begun_in(self, author: AgentId, cases: Collection[CaseId]) -> frozenset[CaseId]:
        """Return in which of these cases an agent has begun an answer that neither leaves nor waits to be signed."""


class MongoDrafts(Drafts):
    """The drafts in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._drafts = database[COLLECTION]

    @translate_errors
    async def put(self, draft: Draft, replaces: str) -> Kept | None:
        try:
            replaced = await self._drafts.find_one_and_update(
                _replaceable(draft, replaces),
                {"$set": _fields(draft)},
                upsert=True,
                return_document=ReturnDocument.BEFORE,
            )
        except DuplicateKeyError:  # there is one, and it stays
            return None
        return Kept(None if replaced is None else Draft.model_validate(replaced))

    @translate_errors
    async def attach(self, draft: DraftId, once: str, file: AttachedFile) -> bool:
        has_room = {"$lte": [{"$sum": "$files.size_bytes"}, FILE_BYTES_AT_MOST - file.size_bytes]}
        wanted = _typed_into(draft, once) | {f"files.{FILES_AT_MOST - 1}": {"$exists": False}}
        done = await self._drafts.update_one(wanted | {"$expr": has_room}, {"$push": {"files": file.model_dump()}})
        return bool(done.matched_count)

    @translate_errors
    async def detach(self, draft: DraftId, once: str, file: str) -> bool:
        wanted = _typed_into(draft, once) | {"files.file_id": file}
        done = await self._drafts.update_one(wanted, {"$pull": {"files": {"file_id": file}}})
        return bool(done.matched_count)

    @translate_errors
    async def of_case(self, case: CaseId) -> list[Draft]:
        return [Draft.model_validate(each) for each in await find_all(self._drafts, {"case_id": case})]

    @translate_errors
    async def refused_of(self, author: AgentId, since: datetime) -> list[Draft]:
        wanted = {"author": author, "refused": {"$gt": ""}, "saved_at": {"$gt": since}}
        found = self._drafts.find(wanted).sort("saved_at", DESCENDING).limit(TOLD_AT_MOST)
        return [Draft.model_validate(each) async for each in found]

    @translate_errors
    async def leave(self, draft: Draft, replaces: str, hold: timedelta = NOBODY) -> bool:
        files = [each.file_id for each in draft.leaving.files] if draft.leaving else []
        typed_here = _typed_here(draft, replaces) | {f"files.{len(files)}": {"$exists": False}}
        sent_again = {"leaving.is_taken": False, "once": draft.once}
        ours = (
            [typed_here | {"files.file_id": {"$all": files}}, sent_again] if files else [typed_here, _OUT, sent_again]
        )
        wanted = {"_id": draft.draft_id, "$or": ours}
        try:
            done = await self._drafts.update_one(wanted, _held(draft, hold), upsert=not files)
        except DuplicateKeyError:
            return False
        return bool(done.matched_count) or done.upserted_id is not None

    @translate_errors
    async def take_back(self, draft: DraftId, reply: EventId, words: Sealed | None = None) -> bool:
        wanted = {"_id": draft, "leaving.reply.event_id": reply, "leaving.is_taken": False}
        files: dict[str, Any] = {"$concatArrays": [{"$ifNull": [each, []]} for each in ("$leaving.files", "$files")]}
        again = {"is_over": False, "files": files}
        if words is not None:
            again["words"] = {"$literal": words.model_dump()}
        done = await self._drafts.update_one(wanted, [{"$set": again}, {"$unset": "leaving"}])
        return bool(done.matched_count)

    @translate_errors
    async def take(self, now: datetime, hold: timedelta) -> Draft | None:
        found = await self._drafts.find_one_and_update(
            {"leaving.next_at": {"$lte": now}, "$expr": is_free(_HELD)},
            [{"$set": {"leaving.is_taken": True, _HELD: from_now(hold)}}],
            sort=[("leaving.next_at", ASCENDING)],
            return_document=ReturnDocument.AFTER,
        )
        return None if found is None else Draft.model_validate(found)

    @translate_errors
    async def settle(self, draft: Draft, reply: EventId) -> bool:
        wanted = {"_id": draft.draft_id, "leaving.reply.event_id": reply}
        fields = _fields(let_go(draft))
        if draft.files:
            fields["files"] = [each.model_dump() for each in draft.files]
        done = await self._drafts.update_one(wanted, {"$set": fields})
        return bool(done.matched_count)

    @translate_errors
    async def replace(self, draft: Draft, shown: Collection[str], hold: timedelta = NOBODY) -> bool:
        wanted = {"_id": draft.draft_id, "is_over": False, "once": {"$in": sorted(shown)}}
        done = await self._drafts.update_one(wanted, _held(draft, hold))
        return bool(done.matched_count)

    @translate_errors
    async def to_sign_in(self, departments: Collection[DepartmentId]) -> list[Draft]:
        wanted = {"to_sign.department": {"$in": sorted(departments)}, "to_sign.at": {"$exists": True}, "is_over": False}
        found = self._drafts.find(wanted).sort("to_sign.at", ASCENDING).limit(TO_SIGN_AT_MOST)
        return [Draft.model_validate(each) async for each in found]

    @translate_errors
    async def follow_case(self, draft: DraftId, to_sign: ToSign | None, was: ToSign) -> bool:
        wanted = {"_id": draft, "is_over": False, "to_sign": was.model_dump()}
        done = await self._drafts.update_one(wanted, {"$set": {"to_sign": to_sign.model_dump() if to_sign else None}})
        return bool(done.matched_count)

    @translate_errors
    async def sent_back_to(self, author: AgentId) -> list[Draft]:
        wanted = {"author": author, "sent_back.at": {"$exists": True}, "is_over": False}
        found = self._drafts.find(wanted).sort("sent_back.at", DESCENDING).limit(TOLD_AT_MOST)
        return [Draft.model_validate(each) async for each in found]

    @translate_errors
    async def begun_in(self, author: AgentId, cases: Collection[CaseId]) -> frozenset[CaseId]:
        if not cases:
            return frozenset()
        names = [draft_of(each, author) for each in cases]
        begun = {"_id": {"$in": names}, "is_over": False, "to_sign": None}
        return frozenset([CaseId(each["case_id"]) async for each in self._drafts.find(begun, {"case_id": True})])


def _held(draft: Draft, hold: timedelta) -> list[dict[str, Any]]:
    """Return the update that keeps a draft, and a hold on it."""
    kept = {name: {"$literal": value} for name, value in _fields(draft).items()}
    return [{"$set": kept}, *([{"$set": {_HELD: from_now(hold)}}] if hold else [])]


def _fields(draft: Draft) -> dict[str, Any]:
    """Return what a write sets: all but a draft's files, which come and go one by one; one that is over has none."""
    fields = draft.model_dump(exclude={"draft_id", "files"})
    return fields | {"files": []} if draft.is_over else fields


_HELD: Final = "leaving.held_until"
_OUT: Final = {"is_over": True, "$or": [{"leaving": None}, {"leaving.given_at": {"$ne": None}}]}


def _replaceable(draft: Draft, replaces: str) -> dict[str, Any]:
    another_was_here = {**_OUT, "once": {"$ne": draft.once}}
    return {"_id": draft.draft_id, "$or": [_typed_here(draft, replaces), another_was_here]}


def _typed_into(draft: DraftId, once: str) -> dict[str, Any]:
    """Return what a draft is whose files its form changes: nobody is to sign these."""
    return {"_id": draft, "once": once, "is_over": False, "to_sign": None}


def _typed_here(draft: Draft, replaces: str) -> dict[str, Any]:
    return {"is_over": False, "once": {"$in": [draft.once, replaces]}}
