"""What was changed of the town's staff since its files were written: agents, profiles, units, mappings
(docs/decisions/0060).

An entry holds from when it is written, over whatever the files say of the same thing; without it the files hold again.
Whoever changes one says which version they read, so that nobody undoes what another did meanwhile.
"""

import secrets
from typing import Any, Final, Protocol

import structlog
from pydantic import AwareDatetime, Field, ValidationError
from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from guichet.contracts.base import Contract
from guichet.ids import AgentId
from guichet.mongo.client import Database, translate_errors
from guichet.privacy.data_map.entry import SECURITY, DataMapEntry, Erasure, Form, PersonalField
from guichet.privacy.data_map.retention import Executor, Phrase, Until
from guichet.town.organisation import Unit
from guichet.town.staff.agents import Agent
from guichet.town.staff.identities import IdentityMapping
from guichet.town.staff.overlay import Overlay, StaffKind, StaffValue, merged
from guichet.town.staff.profiles import Profile
from guichet.town.staff.staff import Staff

log = structlog.get_logger()
COLLECTION = "staff"
INDEXES: dict[str, list[IndexModel]] = {COLLECTION: []}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="say who works for the town and what each may see, where it was changed since the town's files",
        legal_basis=SECURITY,
        whose="agents",
        retention=(
            Until(
                event=Phrase(
                    "an administrator gives the entry back to the files",
                    "un administrateur rende l’entrée aux fichiers",
                ),
                by=Executor.ADMINISTRATOR,
            ),
        ),
        on_erasure=Erasure.NOT_CONCERNED,
        fields=(
            PersonalField("_id", Form.PSEUDONYM, "of an agent: their id"),
            PersonalField("said.name", Form.CLEAR, "an agent's name, as the town's files hold it"),
            PersonalField("said.sign_in", Form.CLEAR, "the name that an agent signs in with"),
            PersonalField("later.work_email", Form.CLEAR, "an agent's address at work"),
            PersonalField("later.vouched", Form.CLEAR, "the one that the identity provider last said, and when"),
            PersonalField("said.identity", Form.CLEAR, "what the identity provider said of an agent's employment"),
            PersonalField("changed_by", Form.PSEUDONYM, "the agent's id"),
        ),
    ),
)
_MODELS: Final[dict[StaffKind, type[StaffValue]]] = {
    StaffKind.AGENT: Agent,
    StaffKind.PROFILE: Profile,
    StaffKind.UNIT: Unit,
    StaffKind.MAPPING: IdentityMapping,
}


LATER: Final = ("work_email", "vouched")
"""Fields of an agent that stand beside `said`: an older desk takes whom it cannot read whole for gone, and ignores what
stands there."""


class StaffEntry(Contract):
    """One thing as it was changed. said: as a file would say it, but for LATER; None: it is no more.

    version: another one at each change. changed_by: None: by command.
    """

    entry_id: str = Field(alias="_id")
    kind: StaffKind
    key: str
    said: dict[str, Any] | None
    later: dict[str, Any] = Field(default_factory=dict)
    version: str = Field(default_factory=lambda: secrets.token_hex(8))
    changed_at: AwareDatetime
    changed_by: AgentId | None = None

    @property
    def overlay(self) -> Overlay:
        """What it lays over the files. What nobody can read is no more: nobody may gain by it."""
        return Overlay(self.kind, self.key, self._value())

    def _value(self) -> StaffValue | None:
        if self.said is None:
            return None
        try:
            value = _MODELS[self.kind].model_validate(self.said | self.later)
        except ValidationError as exc:
            log.error("an entry of the staff cannot be read", entry=self.entry_id, fields=exc.error_count())
            return None
        return None if isinstance(value, Agent) and value.agent_id != self.key else value


def entry_id(kind: StaffKind, key: str) -> str:
    """Return the id under which a thing lies, if it was ever changed."""
    return f"{kind.value}:{key}"


def entry_of(change: Overlay, *, at: AwareDatetime, by: AgentId | None) -> StaffEntry:
    """Return a change as it is stored."""
    said = None if change.value is None else change.value.model_dump(mode="json")
    later = {name: said.pop(name) for name in LATER if said and name in said}
    return StaffEntry(
        _id=entry_id(change.kind, change.key),
        kind=change.kind,
        key=change.key,
        said=said,
        later=later,
        changed_at=at,
        changed_by=by,
    )


class StaffStore(Protocol):
    """The entries. Every method raises TransientError when the store is away."""

    async def all(self) -> list[StaffEntry]:
        """Return every entry, by id."""

    async def put(self, entry: StaffEntry, *, over: StaffEntry | None) -> bool:
        """Store an entry in place of the one that was read, None where there was none; say whether it still was so."""

    async def remove(self, entry: StaffEntry) -> bool:
        """Give a thing back to the files; say whether the entry was still as it was read."""


class MongoStaff(StaffStore):
    """The entries in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._entries = database[COLLECTION]

    @translate_errors
    async def all(self) -> list[StaffEntry]:
        found = await self._entries.find().to_list(None)
        return sorted(map(StaffEntry.model_validate, found), key=lambda entry: entry.entry_id)

    @translate_errors
    async def put(self, entry: StaffEntry, *, over: StaffEntry | None) -> bool:
        document = {**entry.model_dump(by_alias=True), "kind": entry.kind.value}
        if over is not None:
            return (await self._entries.replace_one(_as_read(over), document)).matched_count == 1
        try:
            await self._entries.insert_one(document)
        except DuplicateKeyError:
            return False
        return True

    @translate_errors
    async def remove(self, entry: StaffEntry) -> bool:
        return (await self._entries.delete_one(_as_read(entry))).deleted_count == 1


async def staff_now(files: Staff, entries: StaffStore) -> Staff:
    """Return the staff as it holds, over what the town's files say. Raises TransientError."""
    return merged(files, [entry.overlay for entry in await entries.all()])


def _as_read(entry: StaffEntry) -> dict[str, str]:
    return {"_id": entry.entry_id, "version": entry.version}
