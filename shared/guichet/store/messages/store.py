"""Every communication in or out. An inbound one is a cause: it is inserted before anything is decided."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from pymongo import ASCENDING, DESCENDING, IndexModel, UpdateMany, UpdateOne

from guichet.batches import batched
from guichet.contracts.inbound import ChannelName
from guichet.ids import CaseId, MessageId, SectorCitizenId, SectorId
from guichet.mongo.bulk import find_all, insert_new
from guichet.mongo.client import Database, translate_errors
from guichet.mongo.stored_fields import said_by
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
from guichet.privacy.data_map.retention import Executor, Expires, KeptFor, Owner, Phrase, WithIts, days
from guichet.store.messages.document import INBOUND_CONTENT, Copy, Direction, MessageDocument
from guichet.store.messages.erase import REMEMBERED_FOR
from guichet.store.messages.suspended import SPAM_KEPT_FOR

COLLECTION = "messages"
INDEXES: dict[str, list[IndexModel]] = {
    COLLECTION: [
        IndexModel([("filed", ASCENDING), ("at", ASCENDING), ("_id", ASCENDING)], name="of_case"),
        IndexModel(  # for an erasure, and for the newest mails; null, as every message is inserted, costs no entry
            [
                *((field, ASCENDING) for field in ("citizen", "direction", "channel")),
                ("at", DESCENDING),
                ("_id", DESCENDING),
            ],
            name="of_citizen",
            partialFilterExpression={"citizen": {"$gt": ""}},
        ),
        # whether a file is anybody's
        IndexModel([("attachments.attachment_id", ASCENDING)], name="by_file", sparse=True),
        IndexModel([("copies.files", ASCENDING)], name="by_copied_file", sparse=True),
    ],
}
AT_ONCE: Final = 100  # messages that one statement marks filed
_WHERE_IT_WENT: Final = ("_id", "filed", "sector", "citizen")
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="keep what citizen and town wrote to each other in a case",
        legal_basis=PUBLIC_TASK,
        whose="citizens who write to the town, people they write about, agents who answer",
        retention=(
            WithIts(owner=Owner.CASE),
            KeptFor(
                what=Phrase("a suspended mail", "un courriel suspendu"),
                period=days(SPAM_KEPT_FOR.days),
                since=Phrase("an agent confirmed that it is spam", "sa confirmation comme indésirable par un agent"),
                by=Executor.SPAM,
            ),
            Expires(
                what=Phrase("the bare id of an erased message", "le seul identifiant d’un message effacé"),
                date_field="erased_at",
                since=Phrase("the erasure", "l’effacement"),
                period=days(REMEMBERED_FOR.days),
                because=Phrase("no source delivers a message later", "aucune source ne délivre un message plus tard"),
            ),
        ),
        on_erasure=Erasure.DELETED,
        fields=(
            INBOUND_CONTENT.at("content"),
            PersonalField("citizen", Form.PSEUDONYM, "the sector's own id of the citizen"),
            PersonalField("author", Form.PSEUDONYM, "the agent's id"),
            PersonalField("drafted_by", Form.PSEUDONYM, "the id of the agent who wrote what the author signed"),
            PersonalField("mail_head", Form.PSEUDONYM, "HMAC of a mail's Message-ID, author and date; one bears it"),
            PersonalField("suspended.decided_by", Form.PSEUDONYM, "the agent's id"),
        ),
        belongs=(Belonging(Bond.SECTOR_CITIZEN, "citizen"), Belonging(Bond.CASE, "filed")),
        documents=Bond.MESSAGE,
        files=("attachments.attachment_id", "copies.files"),
        left_keys=("copies.key_id",),
        joins=(Join("attachments.size_bytes", FILE_SIZE),),
    ),
)


@dataclass(frozen=True)
class Filing:
    """Where a message went: its case, and whose it is there. copy_of, mail_head: see MessageDocument."""

    message_id: MessageId
    case_id: CaseId
    sector: SectorId
    citizen: SectorCitizenId | None
    copy_of: MessageId | None = None
    mail_head: MessageId | None = None


class MessageStore(Protocol):
    """Messages. Every method raises TransientError."""

    async def insert_causes(self, messages: Sequence[MessageDocument]) -> frozenset[MessageId]:
        """Insert inbound messages not yet filed; return those that were already there: filed, not filed, or erased."""

    async def insert_outbound(self, *messages: MessageDocument) -> frozenset[MessageId]:
        """Keep the town's words, already filed in their case; return those that were already there: they stay."""

    async def find_many(self, messages: Iterable[MessageId]) -> dict[MessageId, MessageDocument]:
        """Return those that exist."""

    async def erased(self, messages: Iterable[MessageId]) -> frozenset[MessageId]:
        """Return those of which a bare id is left."""

    async def of_case(self, case: CaseId) -> list[MessageDocument]:
        """Return a case's messages, oldest first. The caller has found the case within their scope."""

    async def page_of_case(self, case: CaseId, until: datetime | None, skip: int, limit: int) -> list[MessageDocument]:
        """Return a case's messages, newest first, under the same condition. until: none later; None: from the newest.

        Of one instant, always in the same order.
        """

    async def newest_of_citizen(
        self, citizen: SectorCitizenId, channels: Iterable[ChannelName], limit: int
    ) -> list[MessageDocument]:
        """Return what a citizen, of one sector, wrote to the town on any of these channels, newest first."""

    async def mark_filed(self, filings: Sequence[Filing]) -> None:
        """Note that messages are done. A sector that is already there stays: a re-routing was faster."""

    async def hand_over(self, filings: Sequence[Filing]) -> None:
        """Give messages the sector and citizen of the department that has their case now."""

    async def add_accounts(self, accounts: Mapping[MessageId, Sequence[str]]) -> None:
        """Add receiving accounts: one mail came to several mailboxes."""

    async def add_copies(self, copies: Mapping[MessageId, Sequence[Copy]]) -> None:
        """Note what else was sealed of messages; a copy that is noted already stays as it is."""


class MongoMessageStore(MessageStore):
    """The messages in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._messages = database[COLLECTION]

    @translate_errors
    async def insert_causes(self, messages: Sequence[MessageDocument]) -> frozenset[MessageId]:
        return await self._insert_new(messages)

    @translate_errors
    async def insert_outbound(self, *messages: MessageDocument) -> frozenset[MessageId]:
        return await self._insert_new(messages)

    async def _insert_new(self, messages: Sequence[MessageDocument]) -> frozenset[MessageId]:
        errors = await insert_new(self._messages, [as_document(message) for message in messages])
        return frozenset(messages[error["index"]].message_id for error in errors)

    @translate_errors
    async def find_many(self, messages: Iterable[MessageId]) -> dict[MessageId, MessageDocument]:
        found = await find_all(self._messages, _living(messages))
        return {document["_id"]: MessageDocument.model_validate(document) for document in found}

    @translate_errors
    async def erased(self, messages: Iterable[MessageId]) -> frozenset[MessageId]:
        bare = {"_id": {"$in": [*messages]}, "erased_at": {"$exists": True}}
        return frozenset([MessageId(each["_id"]) for each in await find_all(self._messages, bare, ())])

    @translate_errors
    async def of_case(self, case: CaseId) -> list[MessageDocument]:
        found = self._messages.find({"filed": case}).sort([("at", ASCENDING), ("_id", ASCENDING)])
        return [MessageDocument.model_validate(document) async for document in found]

    @translate_errors
    async def page_of_case(self, case: CaseId, until: datetime | None, skip: int, limit: int) -> list[MessageDocument]:
        query: dict[str, Any] = {"filed": case} if until is None else {"filed": case, "at": {"$lte": until}}
        newest_first = [("at", DESCENDING), ("_id", DESCENDING)]
        found = self._messages.find(query).sort(newest_first).skip(skip).limit(limit)
        return [MessageDocument.model_validate(document) async for document in found]

    @translate_errors
    async def newest_of_citizen(
        self, citizen: SectorCitizenId, channels: Iterable[ChannelName], limit: int
    ) -> list[MessageDocument]:
        theirs = {"citizen": citizen, "direction": Direction.INBOUND.value, "channel": {"$in": [*channels]}}
        found = self._messages.find(theirs).sort([("at", DESCENDING), ("_id", DESCENDING)]).limit(limit)
        return [MessageDocument.model_validate(document) async for document in found]

    @translate_errors
    async def mark_filed(self, filings: Sequence[Filing]) -> None:
        # Some at once: one update each takes the server more than twice as long; 500 in one a third longer, since each
        # message is looked for among them all.
        await self._bulk(
            [UpdateMany(_living(each.message_id for each in some), _filed(some)) for some in batched(filings, AT_ONCE)]
        )

    @translate_errors
    async def hand_over(self, filings: Sequence[Filing]) -> None:
        await self._bulk([UpdateOne(_living([each.message_id]), {"$set": _owner(each)}) for each in filings])

    @translate_errors
    async def add_accounts(self, accounts: Mapping[MessageId, Sequence[str]]) -> None:
        await self._bulk(
            [
                UpdateOne(_living([message]), {"$addToSet": {"accounts": {"$each": [*added]}}})
                for message, added in accounts.items()
            ]
        )

    @translate_errors
    async def add_copies(self, copies: Mapping[MessageId, Sequence[Copy]]) -> None:
        documents = {message: [each.model_dump() for each in added] for message, added in copies.items()}
        await self._bulk(
            [
                UpdateOne(_living([message]), {"$addToSet": {"copies": {"$each": added}}})
                for message, added in documents.items()
            ]
        )

    async def _bulk(self, updates: Sequence[UpdateOne | UpdateMany]) -> None:
        if updates:
            await self._messages.bulk_write([*updates], ordered=False)


def as_document(message: MessageDocument) -> dict[str, Any]:
    """Return a message as it rests: what it does not say takes no room, but where it went, which is asked of each."""
    return {**dict.fromkeys(_WHERE_IT_WENT), **said_by(message)}


def _living(messages: Iterable[MessageId]) -> dict[str, Any]:
    """Return the condition for these messages, bare ids of erased ones left out (guichet.store.messages.erase)."""
    return {"_id": {"$in": [*messages]}, "erased_at": {"$exists": False}}


def _filed(filings: Sequence[Filing]) -> list[dict[str, Any]]:
    """Return the update by which each of these messages finds its own filing: by its place in lists as long."""

    def own(values: Sequence[str | None]) -> dict[str, Any]:
        return {"$arrayElemAt": [{"$literal": values}, "$place"]}

    is_new = {"$eq": ["$sector", None]}
    place = {"$indexOfArray": [{"$literal": [each.message_id for each in filings]}, "$_id"]}
    filed = {
        "filed": own([each.case_id for each in filings]),
        "sector": {"$ifNull": ["$sector", own([each.sector for each in filings])]},
        "citizen": {"$cond": [is_new, own([each.citizen for each in filings]), "$citizen"]},
    }
    for name in ("copy_of", "mail_head"):
        values = [getattr(each, name) for each in filings]
        if any(values):
            filed[name] = own(values)
    return [{"$set": {"place": place}}, {"$set": filed}, {"$unset": "place"}]


def _owner(filing: Filing) -> dict[str, Any]:
    return {"sector": filing.sector, "citizen": filing.citizen}
