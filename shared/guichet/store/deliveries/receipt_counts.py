"""How many receipts went to one address on one day, so that nobody is content under them (docs/decisions/0020).

A document is one address on one day, both under a key of the notifier's: {_id, receipts: [which ones], ends_at}. It
holds no more receipts than the ceiling lets pass, each under the key too, so that one that is counted again after a
crash stays one. Whoever has the collection and no key sees to how many addresses how many receipts went, and no more.
The notifiers' leases lie there as well: one of them at a time sends what was gathered for a lane.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from pymongo import IndexModel, UpdateOne
from pymongo.errors import BulkWriteError

from guichet.mongo.bulk import are_duplicates, write_errors
from guichet.mongo.client import Database, translate_errors
from guichet.mongo.ended import Ends
from guichet.mongo.lease import Held, LeaseWords, leased
from guichet.privacy.data_map.entry import PUBLIC_TASK, DataMapEntry, Erasure, Form, PersonalField
from guichet.privacy.data_map.retention import Expires, Phrase, days

COLLECTION = "receipt_counts"
ENDS = Ends(COLLECTION, "ends_at")
INDEXES: dict[str, list[IndexModel]] = {COLLECTION: [ENDS.ttl_index()]}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="send nobody more receipts a day than the ceiling, whoever writes under their address",
        legal_basis=PUBLIC_TASK,
        whose="whom receipts are sent to",
        retention=(
            Expires(
                date_field=ENDS.field,
                since=Phrase("the day that is counted", "le jour compté"),
                period=days(4),
                because=Phrase("in no backup", "dans aucune sauvegarde"),
            ),
        ),
        on_erasure=Erasure.EXPIRES,
        fields=(
            PersonalField("_id", Form.PSEUDONYM, "HMAC of an address and a day, under a key of the notifier's"),
            PersonalField("receipts", Form.PSEUDONYM, "HMACs of the receipts' ids, under the same key"),
        ),
    ),
)
_WORDS: Final = LeaseWords(
    taken="another notifier sends what was gathered ({lasts} s at most after its last sign of life)",
    lost="another notifier took over what was gathered",
)


@dataclass(frozen=True)
class Counted:
    """A receipt about to leave. recipient: the keyed value of its address and day; receipt: of its own id."""

    recipient: str
    receipt: str


class ReceiptCounts(Protocol):
    """The counts. Every method raises TransientError while the store is away."""

    async def past(self, receipts: Sequence[Counted], ceiling: int, ends_at: datetime) -> frozenset[int]:
        """Count receipts, together; return which of them, by their place, are past the ceiling and not counted.

        One that was counted before is not counted again, and passes. ends_at: when what begins now is forgotten.
        """

    def gathering(self, lane: str) -> AbstractAsyncContextManager[Held]:
        """Be the one that sends what was gathered for a lane; none waits for another.

        Raises TakenError (guichet.mongo.lease) where another notifier is.
        """


class MongoReceiptCounts(ReceiptCounts):
    """The counts in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._counts = database[COLLECTION]

    @translate_errors
    async def past(self, receipts: Sequence[Counted], ceiling: int, ends_at: datetime) -> frozenset[int]:
        counting = [_count(each, ceiling, ends_at) for each in receipts]
        refused = await self._refused(counting)
        if refused:  # full, or made by somebody else in this moment: a second look tells
            again = await self._refused([counting[place] for place in refused])
            refused = [refused[place] for place in again]
        return frozenset(refused)

    def gathering(self, lane: str) -> AbstractAsyncContextManager[Held]:
        return leased(self._counts, _WORDS, name=lane)

    async def _refused(self, counting: list[UpdateOne]) -> list[int]:
        """Return which were not counted: where the day's document is there and full, an upsert would make a second."""
        if not counting:
            return []
        try:
            await self._counts.bulk_write(counting, ordered=False)
        except BulkWriteError as exc:
            if not are_duplicates(exc):
                raise
            return sorted(error["index"] for error in write_errors(exc))
        return []


def _count(receipt: Counted, ceiling: int, ends_at: datetime) -> UpdateOne:
    room = [{"receipts": receipt.receipt}, {f"receipts.{ceiling - 1}": {"$exists": False}}]
    counted = {"$addToSet": {"receipts": receipt.receipt}, "$setOnInsert": {"ends_at": ends_at}}
    return UpdateOne({"_id": receipt.recipient, "$or": room}, counted, upsert=True)
