"""Drafts of answers: what an agent has written to a citizen and not sent, each under a data key of its own.

One a case and agent. A colleague who may answer the case reads it, too. What was sent or thrown away leaves a draft
that is over: its words are gone, and the form that they were typed into is remembered, so that a save which was under
way meanwhile does not bring them back.
"""

from typing import Any, Final, Protocol

from pydantic import AwareDatetime, Field
from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from guichet.contracts.base import Contract, Sealed
from guichet.ids import AgentId, CaseId, DraftId, derive_id
from guichet.mongo.bulk import find_all
from guichet.mongo.client import Database, translate_errors
from guichet.privacy.data_map.entry import PUBLIC_TASK, Belonging, Bond, DataMapEntry, Erasure, Form, PersonalField
from guichet.privacy.data_map.retention import Owner, WithIts
from guichet.vault.fields import TEXT, SealedField

COLLECTION = "drafts"
WORDS: Final = SealedField("draft", "words", TEXT, holds="an answer that an agent has not sent")
INDEXES: dict[str, list[IndexModel]] = {COLLECTION: [IndexModel([("case_id", ASCENDING)], name="by_case")]}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="lose nothing of an answer that is being written, and let a colleague see that it is",
        legal_basis=PUBLIC_TASK,
        whose="citizens who write to the town, people they name, agents",
        retention=(WithIts(owner=Owner.CASE),),
        on_erasure=Erasure.DELETED,
        fields=(WORDS.at("words"), PersonalField("author", Form.PSEUDONYM, "the agent's id")),
        belongs=(Belonging(Bond.CASE, "case_id"),),
    ),
)


def draft_of(case: CaseId, author: AgentId) -> DraftId:
    """Return the id of an agent's draft in a case."""
    return DraftId(derive_id("draft", case, author))


class Draft(Contract):
    """A draft. words: WORDS; once is_over, of nothing, and None where nothing had been saved.

    once: the mark of the form that it is typed into. shown: the newest of the case that its author had been shown when
    they began. begun_at, saved_at: of these words.
    """

    draft_id: DraftId = Field(alias="_id")
    case_id: CaseId
    author: AgentId
    once: str
    shown: str | None = None
    begun_at: AwareDatetime
    saved_at: AwareDatetime
    words: Sealed | None
    is_over: bool = False


class Drafts(Protocol):
    """The drafts. Every method raises TransientError."""

    async def put(self, draft: Draft, replaces: str) -> bool:
        """Keep a draft over what is there of the same case and agent; say whether it was.

        Not where that is another form's (neither `once` nor `replaces` names it), nor where this form's is over.
        """

    async def of_case(self, case: CaseId) -> list[Draft]:
        """Return a case's, those that are over among them. Who reads for people has found it within their scope."""


class MongoDrafts(Drafts):
    """The drafts in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._drafts = database[COLLECTION]

    @translate_errors
    async def put(self, draft: Draft, replaces: str) -> bool:
        try:
            await self._drafts.replace_one(_replaceable(draft, replaces), draft.model_dump(by_alias=True), upsert=True)
        except DuplicateKeyError:  # there is one, and it stays
            return False
        return True

    @translate_errors
    async def of_case(self, case: CaseId) -> list[Draft]:
        return [Draft.model_validate(each) for each in await find_all(self._drafts, {"case_id": case})]


def _replaceable(draft: Draft, replaces: str) -> dict[str, Any]:
    typed_here = {"is_over": False, "once": {"$in": [draft.once, replaces]}}
    return {"_id": draft.draft_id, "$or": [typed_here, {"is_over": True, "once": {"$ne": draft.once}}]}
