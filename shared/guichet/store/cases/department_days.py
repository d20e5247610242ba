"""What each department received, answered and closed on each day: numbers alone, of no person and no agent.

A projection of `case_history`, which the router counts again and again (docs/decisions/0080): so that a page of a year
reads a document a day, whatever is stored.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Final, Protocol

from pydantic import AwareDatetime, Field
from pymongo import ASCENDING, IndexModel, UpdateOne

from guichet.contracts.base import Contract
from guichet.ids import DepartmentId
from guichet.law.calendar import paris_date, start_of_day
from guichet.mongo.client import Database, translate_errors
from guichet.mongo.ended import Ends
from guichet.privacy.data_map.entry import PUBLIC_TASK, DataMapEntry, Erasure
from guichet.privacy.data_map.retention import Expires, Phrase, days

COLLECTION: Final = "department_days"
KEPT: Final = timedelta(days=400)  # 13 months: a month beside the same one of the year before
ENDS: Final = Ends(COLLECTION, "begins", kept=KEPT)
INDEXES: dict[str, list[IndexModel]] = {
    COLLECTION: [
        ENDS.ttl_index(),
        IndexModel([("department", ASCENDING), ("begins", ASCENDING)], name="of_department"),
    ]
}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="tell who heads a department how much it receives, answers and closes a day",
        legal_basis=PUBLIC_TASK,
        whose="nobody: numbers a department and day",
        retention=(Expires(date_field=ENDS.field, since=Phrase("the day", "le jour"), period=days(KEPT.days)),),
        on_erasure=Erasure.NOT_CONCERNED,
        fields=(),
    ),
)


class DepartmentDay(Contract):
    """One department's day of Paris, which begins then. Its id is of both."""

    day_id: str = Field(alias="_id")
    department: DepartmentId
    begins: AwareDatetime
    received: int = 0
    answered: int = 0
    closed: int = 0

    @property
    def day(self) -> date:
        """The day."""
        return paris_date(self.begins)


def department_day(
    department: DepartmentId, day: date, *, received: int = 0, answered: int = 0, closed: int = 0
) -> DepartmentDay:
    """Return a department's day."""
    return DepartmentDay(
        _id=f"{department}.{day.isoformat()}",
        department=department,
        begins=start_of_day(day),
        received=received,
        answered=answered,
        closed=closed,
    )


class DepartmentDays(Protocol):
    """The days. Every method raises TransientError when the store is away."""

    async def put(self, days: Sequence[DepartmentDay]) -> None:
        """Keep days, over what there was of them."""

    async def of(self, departments: Collection[DepartmentId], since: datetime, until: datetime) -> list[DepartmentDay]:
        """Return the days of these departments that begin from then on and before then, the earliest first."""

    async def first(self, department: DepartmentId) -> DepartmentDay | None:
        """Return the earliest day of a department; None where none is kept."""


class MongoDepartmentDays(DepartmentDays):
    """The days in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._days = database[COLLECTION]

    @translate_errors
    async def put(self, days: Sequence[DepartmentDay]) -> None:
        # What stays as it is, most of it, is no write: MongoDB compares.
        said = [each.model_dump(by_alias=True) for each in days]
        writes = [UpdateOne({"_id": each.pop("_id")}, {"$set": each}, upsert=True) for each in said]
        if writes:
            await self._days.bulk_write(writes, ordered=False)

    @translate_errors
    async def of(self, departments: Collection[DepartmentId], since: datetime, until: datetime) -> list[DepartmentDay]:
        asked = {"department": {"$in": [*departments]}, "begins": {"$gte": since, "$lt": until}}
        return in_order([DepartmentDay.model_validate(each) async for each in self._days.find(asked)])

    @translate_errors
    async def first(self, department: DepartmentId) -> DepartmentDay | None:
        found = await self._days.find_one({"department": department}, sort=[("begins", ASCENDING)])
        return None if found is None else DepartmentDay.model_validate(found)


def in_order(found: Sequence[DepartmentDay]) -> list[DepartmentDay]:
    """Return days, the earliest first."""
    return sorted(found, key=lambda each: (each.begins, each.department))
