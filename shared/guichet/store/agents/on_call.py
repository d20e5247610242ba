"""Who is on call, and when (docs/decisions/0086): whom an urgent case reaches outside of opening hours."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple, Protocol

from pydantic import AwareDatetime, Field
from pymongo import ASCENDING, IndexModel

from guichet.contracts.base import Contract
from guichet.ids import AgentId, DepartmentId
from guichet.law.calendar import last_day_of
from guichet.mongo.bulk import insert_new
from guichet.mongo.client import Database, translate_errors
from guichet.mongo.ended import Ends
from guichet.privacy.data_map.entry import PUBLIC_TASK, DataMapEntry, Erasure, Form, PersonalField
from guichet.privacy.data_map.retention import Expires, Phrase, days
from guichet.store.agents.absences import Absence, stand_in_of

COLLECTION: Final = "on_call"
KEPT: Final = timedelta(days=30)  # so that it can be said afterwards who was told
ENDS: Final = Ends(COLLECTION, "ends", kept=KEPT)
INDEXES: dict[str, list[IndexModel]] = {
    COLLECTION: [ENDS.ttl_index(), IndexModel([("department", ASCENDING), ("ends", ASCENDING)], name="of_department")]
}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="tell an agent who is on call of an urgent case",
        legal_basis=PUBLIC_TASK,
        whose="agents",
        retention=(
            Expires(
                date_field=ENDS.field,
                since=Phrase("the end of the time on call", "la fin de l’astreinte"),
                period=days(KEPT.days),
            ),
        ),
        on_erasure=Erasure.NOT_CONCERNED,
        fields=(
            PersonalField("agent", Form.PSEUDONYM, "the id of the agent who is on call"),
            PersonalField("stated_by", Form.PSEUDONYM, "the id of the agent who said so"),
        ),
    ),
)


class OnCall(Contract):
    """One time on call. department: whose urgent cases; None: of the whole town, where a department has nobody.

    Its id is of the department, the agent and the two instants. stated_by: who heads the department, or an
    administrator.
    """

    period_id: str = Field(alias="_id")
    department: DepartmentId | None
    agent: AgentId
    begins: AwareDatetime
    ends: AwareDatetime
    stated_by: AgentId

    @property
    def last_day(self) -> date:
        """The last day of it, in Paris."""
        return last_day_of(self.ends)

    def holds(self, at: datetime) -> bool:
        """Say whether they are on call then."""
        return self.begins <= at < self.ends


Whose = Collection[DepartmentId | None]
"""Of which departments; None: of the whole town."""


class OnCallRota(Protocol):
    """Who is on call. Every method raises TransientError when the store is away."""

    async def not_over(self, departments: Whose, now: datetime) -> list[OnCall]:
        """Return the times of these departments that hold or are to come, in the order in which they begin."""

    async def between(self, departments: Whose, first: datetime, last: datetime) -> list[OnCall]:
        """Return those that hold at some moment from `first` to `last`, in that order: of no longer ago than KEPT."""

    async def insert(self, period: OnCall) -> None:
        """Keep one; one that is there stays as it is."""

    async def remove(self, department: DepartmentId | None, period_id: str) -> bool:
        """Forget one of a department's; say whether it was there."""


class MongoOnCallRota(OnCallRota):
    """The rota in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._rota = database[COLLECTION]

    @translate_errors
    async def not_over(self, departments: Whose, now: datetime) -> list[OnCall]:
        return await self._found({"department": {"$in": [*departments]}, "ends": {"$gt": now}})

    @translate_errors
    async def between(self, departments: Whose, first: datetime, last: datetime) -> list[OnCall]:
        asked = {"department": {"$in": [*departments]}, "ends": {"$gt": first}, "begins": {"$lte": last}}
        return await self._found(asked)

    async def _found(self, asked: dict[str, Any]) -> list[OnCall]:
        """Return all of them: so many as the desk lets a department plan, whatever others have."""
        return in_order([OnCall.model_validate(each) async for each in self._rota.find(asked)])

    @translate_errors
    async def insert(self, period: OnCall) -> None:
        await insert_new(self._rota, [period.model_dump(by_alias=True)])

    @translate_errors
    async def remove(self, department: DepartmentId | None, period_id: str) -> bool:
        return (await self._rota.delete_one({"_id": period_id, "department": department})).deleted_count == 1


def in_order(periods: list[OnCall]) -> list[OnCall]:
    """Return them in the order in which they begin."""
    return sorted(periods, key=lambda period: (period.begins, period.ends, period.period_id))


class Reached(NamedTuple):
    """Somebody who is told, and by which time of the rota: who is on call in it, or stands in for them."""

    agent: AgentId
    period: OnCall


def reached(
    rota: Iterable[OnCall],
    department: DepartmentId | None,
    away: Mapping[AgentId, Absence],
    able: Callable[[AgentId], bool],
) -> list[Reached]:
    """Return whom an urgent case of a department reaches: everybody of its rota, or of the town's where that is nobody.

    Each as long as they are there, else who stands in for them. rota: times that hold at a moment; away: of that
    moment. able: says who may answer. Pure.
    """
    holding = list(rota)
    for whose in (department, None):
        doing = [(stand_in_of(each.agent, away), each) for each in holding if each.department == whose]
        found = [Reached(agent, period) for agent, period in doing if agent is not None and able(agent)]
        if found:
            return found
    return []
