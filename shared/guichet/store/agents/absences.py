"""When agents are away, and who does their work meanwhile (docs/decisions/0071).

Why somebody is away is nobody's affair here: it is not asked, and has no field.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Final, Protocol

from pydantic import AwareDatetime, Field
from pymongo import ASCENDING, IndexModel

from guichet.contracts.base import Contract
from guichet.ids import AgentId
from guichet.law.calendar import last_day_of
from guichet.mongo.bulk import insert_new
from guichet.mongo.client import Database, translate_errors
from guichet.mongo.ended import Ends
from guichet.privacy.data_map.entry import PUBLIC_TASK, DataMapEntry, Erasure, Form, PersonalField
from guichet.privacy.data_map.retention import Expires, Phrase, days

COLLECTION: Final = "absences"
KEPT: Final = timedelta(days=30)  # so that who comes back sees where their work went
ENDS: Final = Ends(COLLECTION, "ends", kept=KEPT)
INDEXES: dict[str, list[IndexModel]] = {
    COLLECTION: [ENDS.ttl_index(), IndexModel([("agent", ASCENDING), ("ends", ASCENDING)], name="of_agent")]
}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="hand the work of agents who are away to whoever stands in for them",
        legal_basis=PUBLIC_TASK,
        whose="agents",
        retention=(
            Expires(
                date_field=ENDS.field,
                since=Phrase("the last day of the absence", "le dernier jour de l’absence"),
                period=days(KEPT.days),
            ),
        ),
        on_erasure=Erasure.NOT_CONCERNED,
        fields=(
            PersonalField("agent", Form.PSEUDONYM, "the id of the agent who is away"),
            PersonalField("stand_in", Form.PSEUDONYM, "the id of the agent who does their work"),
            PersonalField("stated_by", Form.PSEUDONYM, "the id of the agent who said so"),
        ),
    ),
)
OF_AN_AGENT: Final = 50  # absences that are not over: nobody needs more
OF_A_TOWN: Final = 2000  # that are read at once: more agents than any town has


class Absence(Contract):
    """One absence, from the beginning of a day of Paris to the end of one. stand_in: None: their work
    waits. Its id is of the agent and the first day.

    stated_by: themselves, or an administrator.
    """

    absence_id: str = Field(alias="_id")
    agent: AgentId
    begins: AwareDatetime
    ends: AwareDatetime
    stand_in: AgentId | None = None
    stated_by: AgentId

    @property
    def last_day(self) -> date:
        """The last day of it, in Paris."""
        return last_day_of(self.ends)

    def holds(self, at: datetime) -> bool:
        """Say whether they are away then."""
        return self.begins <= at < self.ends


class Absences(Protocol):
    """The absences. Every method raises TransientError when the store is away. now: aware UTC."""

    async def not_over(self, now: datetime) -> list[Absence]:
        """Return those that hold or are to come, in the order in which they begin; at most OF_A_TOWN."""

    async def of_agent(self, agent: AgentId, now: datetime) -> list[Absence]:
        """Return an agent's that hold or are to come, in that order; at most OF_AN_AGENT."""

    async def insert(self, absence: Absence) -> None:
        """Keep one; one that is there stays as it is."""

    async def remove(self, agent: AgentId, absence_id: str) -> bool:
        """Forget one of an agent's; say whether it was there."""


class MongoAbsences(Absences):
    """The absences in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._absences = database[COLLECTION]

    @translate_errors
    async def not_over(self, now: datetime) -> list[Absence]:
        found = self._absences.find({"ends": {"$gt": now}}).sort("ends", ASCENDING).limit(OF_A_TOWN)
        return in_order([Absence.model_validate(each) async for each in found])

    @translate_errors
    async def of_agent(self, agent: AgentId, now: datetime) -> list[Absence]:
        found = self._absences.find({"agent": agent, "ends": {"$gt": now}}).sort("ends", ASCENDING).limit(OF_AN_AGENT)
        return in_order([Absence.model_validate(each) async for each in found])

    @translate_errors
    async def insert(self, absence: Absence) -> None:
        await insert_new(self._absences, [absence.model_dump(by_alias=True)])

    @translate_errors
    async def remove(self, agent: AgentId, absence_id: str) -> bool:
        return (await self._absences.delete_one({"_id": absence_id, "agent": agent})).deleted_count == 1


def in_order(absences: list[Absence]) -> list[Absence]:
    """Return them in the order in which they begin."""
    return sorted(absences, key=lambda absence: (absence.begins, absence.absence_id))


def away_at(absences: Iterable[Absence], at: datetime) -> dict[AgentId, Absence]:
    """Return who is away at a moment, each with the absence that ends last."""
    holding = sorted((each for each in absences if each.holds(at)), key=lambda each: each.ends)
    return {each.agent: each for each in holding}


def stand_in_of(agent: AgentId, away: Mapping[AgentId, Absence]) -> AgentId | None:
    """Return who does an agent's work now: themselves unless they are away; None where nobody does.

    A stand-in who is away in turn is stood in for by theirs; a circle has nobody.
    """
    met = {agent}
    while (absence := away.get(agent)) is not None:
        if absence.stand_in is None or absence.stand_in in met:
            return None
        agent = absence.stand_in
        met.add(agent)
    return agent
