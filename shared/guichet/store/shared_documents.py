"""Taking one person's share out of documents that stay, because they are other people's too.

Each method may be killed and called again, and is written so that a router that read the document before loses its
race and reads again.
"""

from collections.abc import Collection
from typing import Any

from guichet.ids import CaseId, CitizenId, IdentifierId, KeyId, MessageId, SectorCitizenId
from guichet.mongo.client import Database, translate_errors
from guichet.privacy.blind_ids import BlindIds
from guichet.privacy.data_map.entry import Bond
from guichet.store.cases import store as cases
from guichet.store.deliveries import store as deliveries
from guichet.store.registry import identifiers
from guichet.store.threads import store as threads


class MongoSharedDocuments:
    """The shared documents in MongoDB. Every method raises TransientError."""

    def __init__(self, database: Database, blind_ids: BlindIds) -> None:
        self._blind_ids = blind_ids
        self._identifiers = database[identifiers.COLLECTION]
        self._cases = database[cases.COLLECTION]
        self._threads = database[threads.COLLECTION]
        self._deliveries = database[deliveries.COLLECTION]

    @translate_errors
    async def leave_addresses(
        self, addresses: Collection[IdentifierId], citizens: Collection[CitizenId], destroyed: Collection[KeyId]
    ) -> None:
        """Take these citizens out of the addresses' holders; an address that nobody holds any more is deleted.

        destroyed: keys that need not be remembered as left behind any longer.
        """
        theirs = {"_id": {"$in": [*addresses]}, "holders.citizen_id": {"$in": [*citizens]}}
        left = {
            "holders": _without("$holders", {"$in": ["$$each.citizen_id", [*citizens]]}),
            "left_keys": _without({"$ifNull": ["$left_keys", []]}, {"$in": ["$$each", [*destroyed]]}),
            "version": {"$add": ["$version", 1]},
        }
        still_shared = {"shared": {"$and": ["$shared", {"$gt": [{"$size": "$holders"}, 1]}]}}
        await self._identifiers.update_many(theirs, [{"$set": left}, {"$set": still_shared}])
        await self._identifiers.delete_many({"_id": {"$in": [*addresses]}, "holders": []})

    @translate_errors
    async def leave_cases(self, cases: Collection[CaseId], citizens: Collection[SectorCitizenId]) -> None:
        """Take these citizens out of the candidates of cases that someone else may have opened."""
        await self._cases.update_many({"_id": {"$in": [*cases]}}, {"$pull": {"candidates": {"$in": [*citizens]}}})

    @translate_errors
    async def leave_threads(self, cases: Collection[CaseId], messages: Collection[MessageId]) -> None:
        """Take the claims of these cases, and those that these messages made; an anchor without claims is deleted."""
        of_cases, of_messages = self._blind_ids.each(Bond.CASE, cases), self._blind_ids.each(Bond.MESSAGE, messages)
        theirs = [{"of_case": {"$in": [*of_cases]}}, {"of_message": {"$in": [*of_messages]}}]
        claimed = {"$or": [{f"claims.{name}": value} for each in theirs for name, value in each.items()]}
        await self._threads.update_many(claimed, {"$pull": {"claims": {"$or": theirs}}, "$inc": {"version": 1}})
        # Also what a removal that was killed here has left. No claim lacks a case: the index holds the empty as such.
        await self._threads.delete_many({"claims.of_case": {"$exists": False}, "claims": []})

    @translate_errors
    async def leave_deliveries(self, messages: Collection[MessageId]) -> None:
        """Forget by what id a provider knows what was sent to the senders of these messages, in cases that stay."""
        theirs = {"answers": {"$in": [*messages]}, "provider_id": {"$exists": True}}
        await self._deliveries.update_many(theirs, {"$unset": {"provider_id": ""}})


def _without(array: Any, leaving: dict[str, Any]) -> dict[str, Any]:
    return {"$filter": {"input": array, "as": "each", "cond": {"$not": [leaving]}}}
