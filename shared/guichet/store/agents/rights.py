"""What each agent may command, since when and until when: what the router judges a command by.

Deployment, `guichet agents rights` and the desk alone write here, from the town's staff. A change ends an entry and
begins another; what an entry grants is never rewritten, so that a command is judged by the rights of its own time,
however late it comes (docs/decisions/0012, 0063).
"""

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from pydantic import AwareDatetime, Field
from pymongo import ASCENDING, IndexModel, UpdateOne

from guichet.contracts.base import Contract
from guichet.ids import AgentId, DepartmentId, ProcedureId
from guichet.law.calendar import start_of_day
from guichet.mongo.bulk import insert_new
from guichet.mongo.client import Database, translate_errors
from guichet.privacy.data_map.entry import SECURITY, DataMapEntry, Erasure, Form, PersonalField
from guichet.privacy.data_map.retention import ForGood, Phrase
from guichet.rights.case_acts import EVERY_ACT, CaseAct
from guichet.rights.scope import Grant
from guichet.town.staff.agents import Agent, Assignment
from guichet.town.town import Town

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
                    "whether an act was somebody's right is asked long after it, and judged by the rights of its time",
                    "savoir si un acte revenait à son auteur se demande longtemps après, selon les droits de sa date",
                ),
            ),
        ),
        on_erasure=Erasure.NOT_CONCERNED,
        fields=(
            PersonalField("_id", Form.PSEUDONYM, "the agent's id, and a number"),
            PersonalField("agent", Form.PSEUDONYM, "the agent's id"),
            PersonalField("grants", Form.PSEUDONYM, "ids of the agents who took down the cases that it is about"),
        ),
    ),
)

# Before anything was recorded: what the town's files say then is what they always said, as far as anybody knows.
BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)


class CommandGrant(Contract):
    """Cases that an agent sees whole, and what they may do with them. None: any procedure, whoever took them down.

    since, until: as the days of the assignment say, if they do; until itself is no longer theirs.
    """

    departments: tuple[DepartmentId, ...]
    acts: tuple[CaseAct, ...]
    procedures: tuple[ProcedureId, ...] | None = None
    entered_by: tuple[AgentId, ...] | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None

    def held_at(self, at: datetime) -> bool:
        """Return whether the assignment held at that time."""
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)

    @property
    def is_of_every_case(self) -> bool:
        """Whether it is of every case of its departments."""
        return self.procedures is None and self.entered_by is None


@dataclass(frozen=True)
class MayNow:
    """What an agent may by the town's files, and what lies beside them, as they are."""

    grants: tuple[CommandGrant, ...]
    suspended_mail: bool = False
    figures: bool = False


Wanted = Mapping[AgentId, MayNow]
"""What each agent may now."""


class AgentRight(Contract):
    """What one agent may for a time. until: None while it lasts; that moment itself is no longer theirs.

    grants: what they command; None in a right of before: every act on the cases of `departments`.
    departments: whose every case they command in every way, which is all that an earlier version knows of.
    suspended_mail: they decide on the suspended mail of the departments whose every case they see, too.
    figures: they head these departments.
    files: which files of the town's were deployed when it was recorded (`deployed_rights`); None: nobody said.
    """

    right_id: str = Field(alias="_id")
    agent: AgentId
    departments: tuple[DepartmentId, ...]
    since: AwareDatetime
    until: AwareDatetime | None = None
    suspended_mail: bool = False  # no right of before says it
    figures: bool = False  # nor that
    grants: tuple[CommandGrant, ...] | None = None
    files: str | None = None

    def held_at(self, at: datetime) -> bool:
        """Return whether it held at that time."""
        return self.since <= at and (self.until is None or at < self.until)

    def grants_at(self, at: datetime) -> tuple[CommandGrant, ...]:
        """Return what it granted at that time."""
        if not self.held_at(at):
            return ()
        if self.grants is None:
            return (CommandGrant(departments=self.departments, acts=tuple(sorted(EVERY_ACT))),)
        return tuple(grant for grant in self.grants if grant.held_at(at))

    def heads_at(self, department: DepartmentId, at: datetime) -> bool:
        """Return whether they headed a department at that time: its figures were theirs, and its every case."""
        whole = (grant for grant in self.grants_at(at) if grant.is_of_every_case) if self.figures else ()
        return any(department in grant.departments for grant in whole)


def wanted_rights(town: Town) -> Wanted:
    """Return what each agent of a town may. Of what they see in synthesis they command nothing."""
    found = {agent.agent_id: MayNow(_grants(town, agent), agent.suspended_mail, agent.figures) for agent in town.agents}
    return {agent: may for agent, may in found.items() if may.grants}


def _grants(town: Town, agent: Agent) -> tuple[CommandGrant, ...]:
    dated = [
        (grant, assignment)
        for assignment in agent.assignments
        for grant in town.scopes.of_assignment(agent, assignment, town.staff)
        if grant.detail == "full"
    ]
    return tuple(dict.fromkeys(_command_grant(grant, assignment) for grant, assignment in dated))


def _command_grant(grant: Grant, assignment: Assignment) -> CommandGrant:
    return CommandGrant(
        departments=tuple(sorted(grant.departments)),
        acts=tuple(sorted(grant.acts)),
        procedures=None if grant.procedures is None else tuple(sorted(grant.procedures)),
        entered_by=None if grant.entered_by is None else tuple(sorted(grant.entered_by)),
        since=None if assignment.starts is None else start_of_day(assignment.starts),
        until=None if assignment.ends is None else start_of_day(assignment.ends + timedelta(days=1)),
    )


@dataclass(frozen=True)
class Changes:
    """What a change of the town's files comes to."""

    ended: tuple[AgentRight, ...] = ()
    begun: tuple[AgentRight, ...] = ()


def deployed_files(known: Sequence[AgentRight]) -> str | None:
    """Return which files were deployed last, as far as rights say; None where none does. Pure.

    What most of those say that last: one that is begun in the very moment of a deployment may still name the files of
    before. Where none lasts, what those say that ended last.
    """
    ended_last = max((right.until for right in known if right.until is not None), default=None)
    until = None if any(right.until is None for right in known) else ended_last
    said = Counter(right.files for right in known if right.until == until and right.files is not None)
    return said.most_common(1)[0][0] if said else None


def changes(known: Iterable[AgentRight], wanted: Wanted, at: datetime, files: str | None = None) -> Changes:
    """Return what to end and what to begin at that time. Pure. With nothing known yet, rights began long ago.

    files: that are deployed.

    A right of before is ended and begun anew in the form of today, so that its own time is judged as it was.
    """
    history: dict[AgentId, list[AgentRight]] = defaultdict(list)
    for right in known:
        history[right.agent].append(right)
    since = at if history else BEGINNING
    lasting = {agent: right for agent, rights in history.items() for right in rights if right.until is None}
    ended = [right for agent, right in lasting.items() if not _says(right, wanted.get(agent))]
    begun = [
        _right(agent, len(history[agent]), may, since, files)
        for agent, may in wanted.items()
        if agent not in lasting or lasting[agent] in ended
    ]
    return Changes(tuple(right.model_copy(update={"until": at}) for right in ended), tuple(begun))


def _says(right: AgentRight, may: MayNow | None) -> bool:
    """Say whether a right is what the agent may."""
    return (
        may is not None
        and right.grants is not None
        and set(right.grants) == set(may.grants)
        and right.suspended_mail == may.suspended_mail
        and right.figures == may.figures
    )


def _right(agent: AgentId, nth: int, may: MayNow, since: datetime, files: str | None) -> AgentRight:
    """Its id is the agent's how-manieth it is: two deployments at once begin it once."""
    without_limit = [grant for grant in may.grants if grant.is_of_every_case and {*grant.acts} >= EVERY_ACT]
    lasting = [grant for grant in without_limit if grant.since is None and grant.until is None]
    return AgentRight(
        _id=f"{agent}:{nth}",
        agent=agent,
        departments=tuple(sorted({department for grant in lasting for department in grant.departments})),
        since=since,
        suspended_mail=may.suspended_mail,
        figures=may.figures,
        grants=may.grants,
        files=files,
    )


class AgentRights(Protocol):
    """The rights. Every method raises TransientError."""

    async def of(self, agents: Iterable[AgentId]) -> dict[AgentId, tuple[AgentRight, ...]]:
        """Return everything that these agents may and might; nothing for an agent whom nobody knows."""

    async def all(self) -> list[AgentRight]:
        """Return all of them, each agent's oldest first."""

    async def lasting(self) -> list[AgentRight]:
        """Return those that last: at most one of each agent, whatever they had before."""

    async def change(self, changes: Changes) -> None:
        """End and begin rights; what another deployment did meanwhile stays as it did it."""

    async def deploy(self, files: str) -> None:
        """Note in those that last which files of the town's are deployed from now on."""


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
    async def lasting(self) -> list[AgentRight]:
        return [AgentRight.model_validate(document) async for document in self._rights.find({"until": None})]

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

    @translate_errors
    async def deploy(self, files: str) -> None:
        await self._rights.update_many({"until": None}, {"$set": {"files": files}})


def by_agent(rights: Iterable[AgentRight]) -> dict[AgentId, tuple[AgentRight, ...]]:
    """Return rights by whose they are."""
    found: dict[AgentId, tuple[AgentRight, ...]] = {}
    for right in rights:
        found[right.agent] = (*found.get(right.agent, ()), right)
    return found


async def record_rights(rights: AgentRights, town: Town, at: datetime, files: str | None = None) -> Changes:
    """Bring the rights up to the town as it is; return what changed. Raises TransientError.

    town: with the staff that holds now: what was changed at the desk, too. files: that are deployed; None: those that
    the rights name.
    """
    known = await rights.all()
    changed = changes(known, wanted_rights(town), at, files or deployed_files(known))
    await rights.change(changed)
    return changed


async def record_rights_as_they_change(
    rights: AgentRights, town_now: Callable[[], Awaitable[Town]], at: datetime, files: str | None = None
) -> Changes:
    """Record the rights until they are those of the town as it is; return what changed. Raises TransientError.

    town_now: the town with its staff, read anew. Whoever read it earlier may record it later, and give back what was
    taken away, or begin a right by the id that somebody else's has: both look once more. files: as `record_rights`.
    """
    ended: tuple[AgentRight, ...] = ()
    begun: tuple[AgentRight, ...] = ()
    while True:
        town = await town_now()
        changed = await record_rights(rights, town, at, files)
        ended, begun = (*ended, *changed.ended), (*begun, *changed.begun)
        if changed == Changes() and (await town_now()).staff == town.staff:
            return Changes(ended, begun)
