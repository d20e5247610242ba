"""Who has a case open at this moment, so that two agents do not answer it at once. Of a minute: nothing of it is kept.

Several processes of the desk share it; each renews what its own open pages say.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final, Protocol

from pydantic import AwareDatetime, Field
from pymongo import ASCENDING, IndexModel, UpdateOne

from guichet.contracts.base import Contract
from guichet.ids import AgentId, CaseId, derive_id
from guichet.mongo.client import Database, translate_errors
from guichet.mongo.ended import Ends
from guichet.privacy.data_map.entry import PUBLIC_TASK, DataMapEntry, Erasure, Form, PersonalField
from guichet.privacy.data_map.retention import Expires, Phrase, hours

COLLECTION = "presence"
ENDS: Final = Ends(COLLECTION, "until")
INDEXES: dict[str, list[IndexModel]] = {
    COLLECTION: [ENDS.ttl_index(), IndexModel([("case_id", ASCENDING), ("until", ASCENDING)], name="by_case")]
}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="let agents see that a colleague has a case open, or writes an answer to it, at this moment",
        legal_basis=PUBLIC_TASK,
        whose="agents",
        retention=(
            Expires(
                date_field=ENDS.field,
                since=Phrase("the case’s page is closed", "la fermeture de la page de la demande"),
                at_most=hours(1),
            ),
        ),
        on_erasure=Erasure.NOT_CONCERNED,
        fields=(PersonalField("agent", Form.PSEUDONYM, "the id of the agent who has the case open"),),
    ),
)


class Present(Contract):
    """One agent at one case. until: when they are gone, unless their page says more. process: which process of the desk
    said so last: it alone takes it back. typing_until: likewise, of an answer that they write, which any may have said.
    """

    presence_id: str = Field(alias="_id")
    case_id: CaseId
    agent: AgentId
    until: AwareDatetime
    typing_until: AwareDatetime | None = None
    process: str


def presence_of(case: CaseId, agent: AgentId) -> str:
    """Return the id of an agent's presence at a case."""
    return derive_id("presence", case, agent)


class Presence(Protocol):
    """Who is there. Every method raises TransientError when the store is away."""

    async def put(self, present: Sequence[Present]) -> None:
        """Say who is there, over what was said of them before."""

    async def types(self, presence_id: str, until: datetime) -> None:
        """Say until when somebody writes, of whom it is said that they are there."""

    async def gone(self, presence_id: str, process: str) -> None:
        """Take back what a process said; what another one has said since stays."""

    async def at(self, cases: Collection[CaseId], now: datetime) -> list[Present]:
        """Return who is at these cases."""


class MongoPresence(Presence):
    """Who is there, in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._presence = database[COLLECTION]

    @translate_errors
    async def put(self, present: Sequence[Present]) -> None:
        writes = [UpdateOne({"_id": each.presence_id}, {"$set": _said(each)}, upsert=True) for each in present]
        if writes:
            await self._presence.bulk_write(writes, ordered=False)

    @translate_errors
    async def types(self, presence_id: str, until: datetime) -> None:
        await self._presence.update_one({"_id": presence_id}, {"$set": {"typing_until": until}})

    @translate_errors
    async def gone(self, presence_id: str, process: str) -> None:
        await self._presence.delete_one({"_id": presence_id, "process": process})

    @translate_errors
    async def at(self, cases: Collection[CaseId], now: datetime) -> list[Present]:
        wanted: dict[str, Any] = {"case_id": {"$in": [*cases]}, "until": {"$gt": now}}
        return [Present.model_validate(each) async for each in self._presence.find(wanted)]


def _said(present: Present) -> dict[str, Any]:
    return present.model_dump(exclude={"presence_id", "typing_until"})
