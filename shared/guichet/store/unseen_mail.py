"""Which suspended mails no agent has seen yet: one document each, until a page has shown it.

Apart from the messages, since the desk may remove these and change none of those (docs/decisions/0011, 0046).
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from pydantic import AwareDatetime, Field
from pymongo import ASCENDING, IndexModel

from guichet.contracts.base import Contract
from guichet.ids import DepartmentId, MessageId
from guichet.mongo.bulk import insert_new
from guichet.mongo.client import Database, translate_errors
from guichet.privacy.data_map.entry import PUBLIC_TASK, Belonging, Bond, DataMapEntry, Erasure
from guichet.privacy.data_map.retention import Executor, Phrase, Until

COLLECTION = "unseen_mail"
INDEXES: dict[str, list[IndexModel]] = {
    COLLECTION: [IndexModel([("department", ASCENDING), ("at", ASCENDING)], name="oldest")]
}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="let no suspended mail wait unseen past the next working day",
        legal_basis=PUBLIC_TASK,
        whose="nobody: a message's id, its department and a time",
        retention=(Until(event=Phrase("an agent has seen the mail", "un agent ait vu le courriel"), by=Executor.SEEN),),
        on_erasure=Erasure.DELETED,  # that it was about this message
        belongs=(Belonging(Bond.MESSAGE, "_id"),),
    ),
)


class UnseenMail(Contract):
    """A suspended mail that nobody has seen. at: its arrival at our edge."""

    message_id: MessageId = Field(alias="_id")
    department: DepartmentId
    at: AwareDatetime


class UnseenMails(Protocol):
    """Every method raises TransientError."""

    async def note(self, mails: Sequence[UnseenMail]) -> None:
        """Note what nobody has seen; what is noted already stays as it is."""

    async def among(self, messages: Collection[MessageId]) -> frozenset[MessageId]:
        """Return those of the messages that nobody has seen."""

    async def forget(self, messages: Collection[MessageId]) -> None:
        """Note that these were seen, or need not be any more."""

    async def overdue(self, before: datetime) -> frozenset[DepartmentId]:
        """Return the departments of mails that arrived before then and that nobody has seen."""


class MongoUnseenMails(UnseenMails):
    """Unseen mail in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._unseen = database[COLLECTION]

    @translate_errors
    async def note(self, mails: Sequence[UnseenMail]) -> None:
        await insert_new(self._unseen, [mail.model_dump(by_alias=True) for mail in mails])

    @translate_errors
    async def among(self, messages: Collection[MessageId]) -> frozenset[MessageId]:
        found = self._unseen.find({"_id": {"$in": [*messages]}}, {"_id": 1})
        return frozenset([MessageId(document["_id"]) async for document in found])

    @translate_errors
    async def forget(self, messages: Collection[MessageId]) -> None:
        if messages:
            await self._unseen.delete_many({"_id": {"$in": [*messages]}})

    @translate_errors
    async def overdue(self, before: datetime) -> frozenset[DepartmentId]:
        departments = await self._unseen.distinct("department")  # a step in the index for each, however many wait
        return frozenset([each for each in departments if await self._has_overdue(each, before)])

    async def _has_overdue(self, department: DepartmentId, before: datetime) -> bool:
        waiting = {"department": department, "at": {"$lt": before}}
        return await self._unseen.find_one(waiting, {"_id": 1}) is not None
