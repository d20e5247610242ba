"""What each department received, answered and closed on each day, and how clocks ended: numbers, of nobody.

A projection of `case_history` and `cases`, which the router counts again and again (docs/decisions/0080, 0104): so that
a page of a year reads a document a day, whatever is stored.
"""

from collections.abc import Collection, Mapping, Sequence
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
        purpose="tell who heads a department how much it receives, answers and closes a day, and which delays were met",
        legal_basis=PUBLIC_TASK,
        whose="nobody: numbers a department and day",
        retention=(Expires(date_field=ENDS.field, since=Phrase("the day", "le jour"), period=days(KEPT.days)),),
        on_erasure=Erasure.NOT_CONCERNED,
        fields=(),
    ),
)


class DepartmentDay(Contract):
    """One department's day of Paris, which begins then. Its id is of both.

    ended: how many clocks ended on it, by `ended_under`.
    """

    day_id: str = Field(alias="_id")
    department: DepartmentId
    begins: AwareDatetime
    received: int = 0
    answered: int = 0
    closed: int = 0
    ended: dict[str, int] = Field(default_factory=dict)

    @property
    def day(self) -> date:
        """The day."""
        return paris_date(self.begins)

    @property
    def is_counted(self) -> bool:
        """Whether what came was counted that day. A day that only a clock ended on was not quiet: it is not known."""
        return "received" in self.model_fields_set


def department_day(
    department: DepartmentId, day: date, *, received: int = 0, answered: int = 0, closed: int = 0
) -> DepartmentDay:
    """Return a department's day."""
    return DepartmentDay(
        _id=_id_of(department, day),
        department=department,
        begins=start_of_day(day),
        received=received,
        answered=answered,
        closed=closed,
    )


def ended_under(clock: str, outcome: str) -> str:
    """Return under which name the clocks are counted that ended so (guichet.law.clocks.outcome)."""
    return f"{clock}:{outcome}"


def ended_alone(department: DepartmentId, day: date, ended: Mapping[str, int]) -> DepartmentDay:
    """Return a day of which only the clocks that ended on it are known, by `ended_under`."""
    return DepartmentDay(
        _id=_id_of(department, day), department=department, begins=start_of_day(day), ended=dict(ended)
    )


def _id_of(department: DepartmentId, day: date) -> str:
    return f"{department}.{day.isoformat()}"


class DepartmentDays(Protocol):
    """The days. Every method raises TransientError when the store is away."""

    async def put(self, days: Sequence[DepartmentDay]) -> None:
        """Keep days, over what there was of them, but for the clocks that ended on them."""

    async def put_ended(self, department: DepartmentId, ended: Mapping[date, Mapping[str, int]]) -> None:
        """Keep which clocks ended on days of a department, over what there was of them. No day is kept for none."""

    async def of(self, departments: Collection[DepartmentId], since: datetime, until: datetime) -> list[DepartmentDay]:
        """Return the days of these departments that begin from then on and before then, the earliest first."""

    async def first(self, department: DepartmentId) -> DepartmentDay | None:
        """Return the earliest day of a department that was counted; None where none was."""


class MongoDepartmentDays(DepartmentDays):
    """The days in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._days = database[COLLECTION]

    @translate_errors
    async def put(self, days: Sequence[DepartmentDay]) -> None:
        # What stays as it is, most of it, is no write: MongoDB compares.
        said = [each.model_dump(by_alias=True, exclude={"ended"}) for each in days]
        writes = [UpdateOne({"_id": each.pop("_id")}, {"$set": each}, upsert=True) for each in said]
        if writes:
            await self._days.bulk_write(writes, ordered=False)

    @translate_errors
    async def put_ended(self, department: DepartmentId, ended: Mapping[date, Mapping[str, int]]) -> None:
        writes = [_ended_write(department, day, dict(counted)) for day, counted in ended.items()]
        if writes:
            await self._days.bulk_write(writes, ordered=False)

    @translate_errors
    async def of(self, departments: Collection[DepartmentId], since: datetime, until: datetime) -> list[DepartmentDay]:
        asked = {"department": {"$in": [*departments]}, "begins": {"$gte": since, "$lt": until}}
        return in_order([DepartmentDay.model_validate(each) async for each in self._days.find(asked)])

    @translate_errors
    async def first(self, department: DepartmentId) -> DepartmentDay | None:
        counted = {"department": department, "received": {"$exists": True}}
        found = await self._days.find_one(counted, sort=[("begins", ASCENDING)])
        return None if found is None else DepartmentDay.model_validate(found)


def _ended_write(department: DepartmentId, day: date, counted: dict[str, int]) -> UpdateOne:
    this = {"_id": _id_of(department, day)}
    if not counted:
        return UpdateOne(this, {"$unset": {"ended": ""}})
    return UpdateOne(
        this,
        {"$set": {"ended": counted}, "$setOnInsert": {"department": department, "begins": start_of_day(day)}},
        upsert=True,
    )


def in_order(found: Sequence[DepartmentDay]) -> list[DepartmentDay]:
    """Return days, the earliest first."""
    return sorted(found, key=lambda each: (each.begins, each.department))
