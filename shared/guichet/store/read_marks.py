"""What of a case each agent has read: up to which message of the citizen's, and when. One an agent and case.

It holds nothing of what was read. A case in which nobody has written for as long as a mark is kept counts as read.
"""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Final, Protocol

from pydantic import AwareDatetime, Field
from pymongo import ASCENDING, IndexModel

from guichet.contracts.base import Contract
from guichet.ids import AgentId, CaseId, MessageId, derive_id
from guichet.mongo.bulk import find_all
from guichet.mongo.client import Database, translate_errors
from guichet.mongo.ended import Ends
from guichet.privacy.data_map.entry import PUBLIC_TASK, Belonging, Bond, DataMapEntry, Erasure, Form, PersonalField
from guichet.privacy.data_map.retention import Expires, Owner, Phrase, WithIts, days

COLLECTION: Final = "read_marks"
KEPT: Final = timedelta(days=30)
ENDS: Final = Ends(COLLECTION, "at", kept=KEPT)
PUT_BACK_AT_MOST: Final = 50  # cases that an agent has marked as unread: more is no reminder
INDEXES: dict[str, list[IndexModel]] = {
    COLLECTION: [
        ENDS.ttl_index(),
        IndexModel([("case_id", ASCENDING)], name="by_case"),
        IndexModel([("agent", ASCENDING)], name="put_back", partialFilterExpression={"seen": None}),
    ]
}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="show each agent which cases hold a message that they have not read",
        legal_basis=PUBLIC_TASK,
        whose="agents",
        retention=(
            Expires(
                date_field=ENDS.field,
                since=Phrase("the agent last read the case", "la dernière lecture par l’agent"),
                period=days(KEPT.days),
            ),
            WithIts(what=Phrase("at the longest", "au plus"), owner=Owner.CASE),
        ),
        on_erasure=Erasure.DELETED,
        fields=(PersonalField("agent", Form.PSEUDONYM, "the agent's id"),),
        belongs=(Belonging(Bond.CASE, "case_id"),),
    ),
)


class ReadMark(Contract):
    """seen: the citizen's newest message that the agent was shown; None: they marked the case as unread."""

    mark_id: str = Field(alias="_id")
    agent: AgentId
    case_id: CaseId
    seen: MessageId | None
    at: AwareDatetime


def read_mark(agent: AgentId, case: CaseId, seen: MessageId | None, at: AwareDatetime) -> ReadMark:
    """Return an agent's mark of a case."""
    return ReadMark(_id=derive_id("read-mark", agent, case), agent=agent, case_id=case, seen=seen, at=at)


class ReadMarks(Protocol):
    """The marks. Every method raises TransientError."""

    async def put(self, mark: ReadMark) -> None:
        """Keep a mark in place of the one before."""

    async def of(self, agent: AgentId, cases: Collection[CaseId]) -> Mapping[CaseId, ReadMark]:
        """Return an agent's marks of these cases."""

    async def put_back(self, agent: AgentId) -> list[CaseId]:
        """Return the cases that an agent has marked as unread, PUT_BACK_AT_MOST."""


class MongoReadMarks(ReadMarks):
    """The marks in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._marks = database[COLLECTION]

    @translate_errors
    async def put(self, mark: ReadMark) -> None:
        await self._marks.replace_one({"_id": mark.mark_id}, mark.model_dump(by_alias=True), upsert=True)

    @translate_errors
    async def of(self, agent: AgentId, cases: Collection[CaseId]) -> Mapping[CaseId, ReadMark]:
        names = [derive_id("read-mark", agent, case) for case in cases]
        found = await find_all(self._marks, {"_id": {"$in": names}}) if names else []
        marks = [ReadMark.model_validate(each) for each in found]
        return {mark.case_id: mark for mark in marks}

    @translate_errors
    async def put_back(self, agent: AgentId) -> list[CaseId]:
        found = self._marks.find({"agent": agent, "seen": None}, {"case_id": 1}).limit(PUT_BACK_AT_MOST)
        return [CaseId(each["case_id"]) async for each in found]
