"""Deliveries that a person must hear of: legal receipts that are overdue, messages whose fate is unknown for good.

However many there are, a look at them takes bounded work: a page, newest first, from an index that holds no others.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, Protocol

from pymongo import DESCENDING

from guichet.contracts.delivery import DeliveryState, Purpose
from guichet.ids import CaseId, MessageId
from guichet.mongo.client import Database, translate_errors
from guichet.store.deliveries.document import LEFT, LEGAL_RECEIPTS, NOT_LEFT
from guichet.store.deliveries.store import COLLECTION, NOT_LEFT_YET, UNDECIDED


@dataclass(frozen=True, order=True)
class Position:
    """Where a delivery stands among those watched."""

    at: datetime
    outbound_id: MessageId


Left = Mapping[Purpose, datetime]
"""What left of a case, by its purpose: when the newest of it had been asked for."""
_NONE_LEFT: Final[Left] = MappingProxyType({})


@dataclass(frozen=True)
class Watched:
    """A delivery on a page. is_owed: False where something else of its case made up for it (`makes_up_for`)."""

    position: Position
    case_id: CaseId
    is_owed: bool = True


class WatchedDeliveries(Protocol):
    """Every method returns what comes after `after` (None: from the newest on), newest first, at most `limit`.

    They raise TransientError while the store is away.
    """

    async def overdue(self, now: datetime, after: Position | None, limit: int) -> list[Watched]:
        """Return legal receipts that should have left by now and did not, whether tried still or failed."""

    async def undecided(self, after: Position | None, limit: int) -> list[Watched]:
        """Return messages of which nobody will learn by themselves whether they left."""


class MongoWatchedDeliveries(WatchedDeliveries):
    """The watched deliveries in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._deliveries = database[COLLECTION]

    @translate_errors
    async def overdue(self, now: datetime, after: Position | None, limit: int) -> list[Watched]:
        not_left = {"state": {"$in": [each.value for each in NOT_LEFT]}, "overdue_at": {"$lte": now}}
        late = {**not_left, "purpose": {"$in": [each.value for each in LEGAL_RECEIPTS]}}
        found = await self._documents(late, NOT_LEFT_YET, "overdue_at", after, limit)
        left = await self._left({each["case_id"] for each in found})
        return [
            Watched(
                Position(each["overdue_at"], each["_id"]),
                each["case_id"],
                not makes_up_for(
                    Purpose(each["purpose"]),
                    DeliveryState(each["state"]),
                    each["requested_at"],
                    left.get(each["case_id"], _NONE_LEFT),
                ),
            )
            for each in found
        ]

    @translate_errors
    async def undecided(self, after: Position | None, limit: int) -> list[Watched]:
        found = await self._documents(
            {"undecided_since": {"$exists": True}}, UNDECIDED, "undecided_since", after, limit
        )
        return [Watched(Position(each["undecided_since"], each["_id"]), each["case_id"]) for each in found]

    async def _documents(
        self, query: Mapping[str, Any], index: str, field: str, after: Position | None, limit: int
    ) -> list[dict[str, Any]]:
        wanted = {field: 1, "case_id": 1, "purpose": 1, "state": 1, "requested_at": 1}
        found = self._deliveries.find(query, wanted).hint(index)
        found = found.sort([(field, DESCENDING), ("_id", DESCENDING)]).limit(limit + 1)
        if after is not None:  # a bound of the index itself, which includes it: thousands may be due at one moment
            start: list[Any] = [(field, after.at), ("_id", after.outbound_id)]
            found = found.min(start)
        page = [document async for document in found]
        return [each for each in page if after is None or (each[field], each["_id"]) != (after.at, after.outbound_id)][
            :limit
        ]

    async def _left(self, cases: set[CaseId]) -> Mapping[CaseId, Left]:
        """Return what left of these cases, as far as it may make up for a receipt."""
        purposes = [Purpose.REPLY.value, Purpose.ARE.value]
        asked = {
            "case_id": {"$in": [*cases]},
            "purpose": {"$in": purposes},
            "state": {"$in": [each.value for each in LEFT]},
        }
        newest = {"_id": {"case": "$case_id", "purpose": "$purpose"}, "at": {"$max": "$requested_at"}}
        left: dict[CaseId, dict[Purpose, datetime]] = defaultdict(dict)
        async for row in self._deliveries.aggregate([{"$match": asked}, {"$group": newest}]):
            left[row["_id"]["case"]][Purpose(row["_id"]["purpose"])] = row["at"]
        return left


def makes_up_for(purpose: Purpose, state: DeliveryState, requested_at: datetime, left: Left) -> bool:
    """Say whether something that left of its case makes up for a receipt that did not. Pure.

    An answer says what an AEE would, and so does an ARE. Of an ARE a later one does, which corrects it; one that failed
    for good is an agent's, who answers: an answer from before it was owed says none of it.
    """
    if purpose is Purpose.AEE:
        return bool(left)
    corrected, answered = left.get(Purpose.ARE), left.get(Purpose.REPLY)
    if corrected is not None and corrected >= requested_at:
        return True
    return state is DeliveryState.FAILED and answered is not None and answered >= requested_at
