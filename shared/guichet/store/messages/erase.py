"""What an erasure leaves of a message: its bare id, a mail's bare head, until no topic or source delivers it again."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from pymongo import IndexModel, UpdateOne

from guichet.ids import MessageId
from guichet.mongo.bulk import find_all
from guichet.mongo.client import Database, translate_errors
from guichet.mongo.ended import Ends
from guichet.privacy.coarse_times import day_of
from guichet.privacy.data_map.entry import DataMapEntry

COLLECTION = "messages"
DATA_MAP: tuple[DataMapEntry, ...] = ()  # guichet.store.messages.store writes the collection and declares it
REMEMBERED_FOR: Final = timedelta(
    days=400
)  # Twilio lists messages for 400 days; no topic or mailbox of ours goes further
ENDS = Ends(COLLECTION, "erased_at", REMEMBERED_FOR)
INDEXES: dict[str, list[IndexModel]] = {
    COLLECTION: [ENDS.ttl_index(partialFilterExpression={"erased_at": {"$exists": True}})]
}


class MessageErasing(Protocol):
    """Messages as an erasure writes them."""

    async def erase(self, messages: Iterable[MessageId], at: datetime) -> None:
        """Leave bare ids of these messages, also of those that nobody has stored yet; the first day stands.

        Of a mail its head, too: no other route's copy makes it again. May be repeated. Raises TransientError.
        """


class MongoMessageErasing(MessageErasing):
    """The messages in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._messages = database[COLLECTION]

    @translate_errors
    async def erase(self, messages: Iterable[MessageId], at: datetime) -> None:
        wanted = [*messages]
        with_heads = {"_id": {"$in": wanted}, "mail_head": {"$type": "string"}}
        heads = [each["mail_head"] for each in await find_all(self._messages, with_heads, ("mail_head",))]
        await self._leave_bare(heads, at)  # first: they go with the messages
        await self._leave_bare(wanted, at)

    async def _leave_bare(self, ids: Sequence[MessageId], at: datetime) -> None:
        bare = [{"$replaceWith": {"_id": "$_id", "erased_at": {"$ifNull": ["$erased_at", day_of(at)]}}}]
        if ids:
            erasures = [UpdateOne({"_id": each}, bare, upsert=True) for each in ids]
            await self._messages.bulk_write(erasures, ordered=False)
