"""What an erasure leaves of a message: its bare id and the date, until no topic or source can deliver it again."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, Protocol

from pymongo import IndexModel, UpdateOne

from guichet.ids import MessageId
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

        May be repeated. Raises TransientError.
        """


class MongoMessageErasing(MessageErasing):
    """The messages in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._messages = database[COLLECTION]

    @translate_errors
    async def erase(self, messages: Iterable[MessageId], at: datetime) -> None:
        bare = [{"$replaceWith": {"_id": "$_id", "erased_at": {"$ifNull": ["$erased_at", day_of(at)]}}}]
        erasures = [UpdateOne({"_id": message}, bare, upsert=True) for message in messages]
        if erasures:
            await self._messages.bulk_write(erasures, ordered=False)
