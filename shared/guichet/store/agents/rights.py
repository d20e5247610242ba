"""What each agent may command, since when and until when: what the router judges a command by.

Deployment and `guichet agents rights` alone write here, from the town's files. A change ends an entry and begins
another; nothing is ever rewritten, so that a command is judged by the rights of its own time, however late it comes
(docs/decisions/0012).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

from pydantic import AwareDatetime, Field
from pymongo import ASCENDING, IndexModel, UpdateOne

from guichet.contracts.base import Contract
from guichet.ids import AgentId, DepartmentId
from guichet.mongo.bulk import insert_new
from guichet.mongo.client import Database, translate_errors
from guichet.privacy.data_map.entry import SECURITY, DataMapEntry, Erasure, Form, PersonalField
from guichet.privacy.data_map.retention import ForGood, Phrase

COLLECTION = "agent_rights"
INDEXES: dict[str, list[IndexModel]] = {COLLECTION: [IndexModel([("agent", ASCENDING)], name="by_agent")]}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="obey a command only if its author had the right to that case when they gave it",
        legal_basis=SECURITY,
        whose="agents",
        retention=(
            ForGood(
                why=Phrase(
                    "a dead letter may be replayed after any time, and is judged by the rights of its own time",
                    "un message en échec peut être rejoué à tout moment, et se juge selon les droits de sa date",
                ),
            ),
        ),
        on_erasure=Erasure.NOT_CONCERNED,
        fields=(
            PersonalField("_id", Form.PSEUDONYM, "the agent's id, and a number"),
            PersonalField("agent", Form.PSEUDONYM, "the agent's id"),
        ),
    ),
)

# Before anything was recorded: what the town's files say then is what they always said, as far as anybody knows.
BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)


class MayNow(Protocol):
    """What an agent may by the town's files as they are."""

    @property
    def departments(self) -> tuple[DepartmentId, ...]: ...
    @property
    def suspended_mail(self) -> bool: ...


Wanted = Mapping[AgentId, MayNow]
"""What each agent may now, by the town's files."""


class AgentRight(Contract):
    """What one agent may for a time. until: None while it lasts; that moment itself is no longer theirs.

    departments: whose cases they command. suspended_mail: they decide on these departments' suspended mail, too.
    """

    right_id: str = Field(alias="_id")
    agent: AgentId
    departments: tuple[DepartmentId, ...]
    since: AwareDatetime
    until: AwareDatetime | None = None
    suspended_mail: bool = False  # no right of before says it

    def held_at(self, at: datetime) -> bool:
        """Return whether it held at that time."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True)
class Changes:
    """What a change of the town's files comes to."""

    ended: tuple[AgentRight, ...] = ()
    begun: tuple[AgentRight, ...] = ()


def changes(known: Iterable[AgentRight], wanted: Wanted, at: datetime) -> Changes:
    """Return what to end and what to begin at that time. Pure. With nothing known yet, rights began long ago."""
    history: dict[AgentId, list[AgentRight]] = defaultdict(list)
    for right in known:
        history[right.agent].append(right)
    since = at if history else BEGINNING
    lasting = {agent: right for agent, rights in history.items() for right in rights if right.until is None}
    ended = [right for agent, right in lasting.items() if not _says(right, wanted.get(agent))]
    begun = [
        _right(agent, len(history[agent]), may, since)
        for agent, may in wanted.items()
        if agent not in lasting or lasting[agent] in ended
    ]
    return Changes(tuple(right.model_copy(update={"until": at}) for right in ended), tuple(begun))


def _says(right: AgentRight, may: MayNow | None) -> bool:
    """Say whether a right is what the agent may."""
    return (
        may is not None
        and set(right.departments) == set(may.departments)
        and right.suspended_mail == may.suspended_mail
    )


def _right(agent: AgentId, nth: int, may: MayNow, since: datetime) -> AgentRight:
    """Its id is the agent's how-manieth it is: two deployments at once begin it once."""
    return AgentRight(
        _id=f"{agent}:{nth}",
        agent=agent,
        departments=tuple(sorted(may.departments)),
        since=since,
        suspended_mail=may.suspended_mail,
    )


class AgentRights(Protocol):
    """The rights. Every method raises TransientError."""

    async def of(self, agents: Iterable[AgentId]) -> dict[AgentId, tuple[AgentRight, ...]]:
        """Return everything that these agents may and might; nothing for an agent whom nobody knows."""

    async def all(self) -> list[AgentRight]:
        """Return all of them, each agent's oldest first."""

    async def change(self, changes: Changes) -> None:
        """End and begin rights; what another deployment did meanwhile stays as it did it."""


class MongoAgentRights(AgentRights):
    """The rights in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._rights = database[COLLECTION]

    @translate_errors
    async def of(self, agents: Iterable[AgentId]) -> dict[AgentId, tuple[AgentRight, ...]]:
        found = await self._rights.find({"agent": {"$in": [*agents]}}).to_list(None)
        return by_agent(AgentRight.model_validate(document) for document in found)

    @translate_errors
    async def all(self) -> list[AgentRight]:
        found = self._rights.find().sort([("agent", ASCENDING), ("since", ASCENDING)])
        return [AgentRight.model_validate(document) async for document in found]

    @translate_errors
    async def change(self, changes: Changes) -> None:
        if changes.ended:
            await self._rights.bulk_write(
                [
                    UpdateOne({"_id": right.right_id, "until": None}, {"$set": {"until": right.until}})
                    for right in changes.ended
                ]
            )
        if changes.begun:
            await insert_new(self._rights, [right.model_dump(by_alias=True) for right in changes.begun])


def by_agent(rights: Iterable[AgentRight]) -> dict[AgentId, tuple[AgentRight, ...]]:
    """Return rights by whose they are."""
    found: dict[AgentId, tuple[AgentRight, ...]] = {}
    for right in rights:
        found[right.agent] = (*found.get(right.agent, ()), right)
    return found


async def record_rights(rights: AgentRights, wanted: Wanted, at: datetime) -> Changes:
    """Bring the rights up to the town's files; return what changed. Raises TransientError."""
    changed = changes(await rights.all(), wanted, at)
    await rights.change(changed)
    return changed
