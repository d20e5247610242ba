"""Deliveries that a person must hear of: legal receipts that are overdue, messages whose fate is unknown for good.

However many there are, a look at them takes bounded work: a page, newest first, from an index that holds no others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from pymongo import DESCENDING

from guichet.contracts.delivery import Purpose
from guichet.ids import CaseId, MessageId
from guichet.mongo.client import Database, translate_errors
from guichet.store.deliveries.document import LEFT, NOT_LEFT
from guichet.store.deliveries.store import COLLECTION, NOT_LEFT_YET, UNDECIDED


@dataclass(frozen=True, order=True)
class Position:
    """Where a delivery stands among those watched."""

    at: datetime
    outbound_id: MessageId


@dataclass(frozen=True)
class Watched:
    """A delivery on a page. is_owed: False where the town has answered in its case meanwhile, so that nothing is."""

    position: Position
    case_id: CaseId
    is_owed: bool = True


class WatchedDeliveries(Protocol):
    """Every method returns what comes after `after` (None: from the newest on), newest first, at most `limit`.

    They raise TransientError while the store is away.
    """

    async def overdue(self, now: datetime, after: Position | None, limit: int) -> list[Watched]:
        """Return legal receipts that should have left by now and did not, whether tried still or failed.

        An answer that left tells what a receipt would, so then the receipt is no longer owed.
        """

    async def undecided(self, after: Position | None, limit: int) -> list[Watched]:
        """Return messages of which nobody will learn by themselves whether they left."""


class MongoWatchedDeliveries(WatchedDeliveries):
    """The watched deliveries in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._deliveries = database[COLLECTION]

    @translate_errors
    async def overdue(self, now: datetime, after: Position | None, limit: int) -> list[Watched]:
        not_left = {"purpose": Purpose.AEE.value, "state": {"$in": [each.value for each in NOT_LEFT]}}
        late = {**not_left, "overdue_at": {"$lte": now}}
        page = await self._page(late, NOT_LEFT_YET, "overdue_at", after, limit)
        answered = await self._answered({each.case_id for each in page})
        return [Watched(each.position, each.case_id, each.case_id not in answered) for each in page]

    @translate_errors
    async def undecided(self, after: Position | None, limit: int) -> list[Watched]:
        return await self._page({"undecided_since": {"$exists": True}}, UNDECIDED, "undecided_since", after, limit)

    async def _page(
        self, query: Mapping[str, Any], index: str, field: str, after: Position | None, limit: int
    ) -> list[Watched]:
        found = self._deliveries.find(query, {field: 1, "case_id": 1}).hint(index)
        found = found.sort([(field, DESCENDING), ("_id", DESCENDING)]).limit(limit + 1)
        if after is not None:  # a bound of the index itself, which includes it: thousands may be due at one moment
            start: list[Any] = [(field, after.at), ("_id", after.outbound_id)]
            found = found.min(start)
        page = [Watched(Position(document[field], document["_id"]), document["case_id"]) async for document in found]
        return [each for each in page if each.position != after][:limit]

    async def _answered(self, cases: set[CaseId]) -> set[CaseId]:
        left = {"purpose": Purpose.REPLY.value, "state": {"$in": [each.value for each in LEFT]}}
        return set(await self._deliveries.distinct("case_id", {"case_id": {"$in": [*cases]}, **left}))
