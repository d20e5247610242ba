"""How the clocks ended that ended on some days in a department: counted from the cases, by an index of those days."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final, NamedTuple, Protocol

from pymongo import ASCENDING, IndexModel

from guichet.ids import DepartmentId
from guichet.law.calendar import PARIS
from guichet.mongo.client import Database, translate_errors
from guichet.privacy.data_map.entry import DataMapEntry

COLLECTION: Final = "cases"
ENDED_ON: Final = "ended_on"
DATA_MAP: tuple[DataMapEntry, ...] = ()  # guichet.store.cases.store writes the collection and declares it
_ANY: Final = {"ended_clocks.0": {"$exists": True}}
INDEXES: dict[str, list[IndexModel]] = {
    COLLECTION: [
        IndexModel(
            [("ended_clocks.department", ASCENDING), ("ended_clocks.day_begins", ASCENDING)],
            name=ENDED_ON,
            partialFilterExpression=_ANY,
        )
    ]
}


class EndedOn(NamedTuple):
    """A day of Paris, which clock, and how it ended (guichet.law.clocks.outcome)."""

    day: date
    clock: str
    outcome: str


class EndedClocks(Protocol):
    """The clocks that have ended."""

    async def count(self, department: DepartmentId, since: datetime, until: datetime) -> Mapping[EndedOn, int]:
        """Return how many ended in a department on each day that begins from since on, and before until.

        Raises TransientError when the store is away.
        """


class MongoEndedClocks(EndedClocks):
    """The clocks in the cases of MongoDB."""

    def __init__(self, database: Database) -> None:
        self._cases = database[COLLECTION]

    @translate_errors
    async def count(self, department: DepartmentId, since: datetime, until: datetime) -> Mapping[EndedOn, int]:
        theirs = {"department": department, "day_begins": {"$gte": since, "$lt": until}}
        named: dict[str, Any] = {f"ended_clocks.{name}": asked for name, asked in theirs.items()}
        day = {"$dateToString": {"date": "$ended_clocks.day_begins", "format": "%Y-%m-%d", "timezone": PARIS.key}}
        steps: list[dict[str, Any]] = [
            {"$match": {**_ANY, "ended_clocks": {"$elemMatch": theirs}}},
            {"$project": {"ended_clocks": 1}},
            {"$unwind": "$ended_clocks"},
            {"$match": named},
            {
                "$group": {
                    "_id": {"day": day, "clock": "$ended_clocks.clock", "outcome": "$ended_clocks.outcome"},
                    "count": {"$sum": 1},
                }
            },
        ]
        found = self._cases.aggregate(steps, hint=ENDED_ON)
        return {_ended_on(row["_id"]): row["count"] async for row in found}


def _ended_on(row: Mapping[str, str]) -> EndedOn:
    return EndedOn(date.fromisoformat(row["day"]), row["clock"], row["outcome"])
