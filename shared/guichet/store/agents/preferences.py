"""How agents like the desk to be, where they said so; who said nothing has no document."""

from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from pydantic import AwareDatetime, Field
from pymongo import IndexModel

from guichet.contracts.base import Contract
from guichet.ids import AgentId
from guichet.mongo.client import Database, translate_errors
from guichet.privacy.data_map.entry import PUBLIC_TASK, DataMapEntry, Erasure, Form, PersonalField
from guichet.store.agents.leaver_retention import kept_after_leaving

COLLECTION: Final = "preferences"
FRENCH: Final = "fr"
INDEXES: dict[str, list[IndexModel]] = {COLLECTION: []}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="let agents switch off single keys at the desk, as a screen reader may need, and have notices, mails",
        legal_basis=PUBLIC_TASK,
        whose="agents",
        retention=kept_after_leaving(),
        on_erasure=Erasure.NOT_CONCERNED,
        fields=(PersonalField("_id", Form.PSEUDONYM, "the agent's id"),),
    ),
)


class MailWish(StrEnum):
    """When an agent is written to that something is addressed to them."""

    NEVER = "never"
    SOON = "soon"  # within minutes
    MORNING = "morning"  # of working days


_WANTED: Final = [MailWish.SOON, MailWish.MORNING]


class Preference(Contract):
    """What one agent likes. keys: whether a letter alone, outside of fields, does something at the desk.

    notify: whether their browser tells them what is addressed to them while they look elsewhere.
    mails: whether mails do; mails_since: since when they want it, of what is older none tells; language: of the mail.
    mails_refused_at: when their mail server would not have one; none leaves until they ask for mails again.
    """

    agent: AgentId = Field(alias="_id")
    keys: bool = True
    notify: bool = False
    mails: MailWish = MailWish.NEVER
    mails_since: AwareDatetime | None = None
    mails_refused_at: AwareDatetime | None = None
    language: str = FRENCH

    @property
    def is_written_to(self) -> bool:
        """Whether mails leave: they are wanted, and none was refused since."""
        return self.mails is not MailWish.NEVER and self.mails_since is not None and self.mails_refused_at is None

    def with_mails(self, wish: MailWish, language: str, now: datetime) -> "Preference":
        """Return it with another wish. Of what came before mails were wanted none tells; after a refusal, either."""
        since = None if wish is MailWish.NEVER else self.mails_since if self.is_written_to else now
        said = {"mails": wish, "mails_since": since, "mails_refused_at": None, "language": language}
        return self.model_copy(update=said)


class Preferences(Protocol):
    """The preferences. Every method raises TransientError when the store is away."""

    async def of(self, agent: AgentId) -> Preference:
        """Return an agent's; what everybody has who said nothing."""

    async def put(self, preference: Preference, *, over: Preference) -> None:
        """Keep what an agent changed of the one that was read: what became of the rest since stays as it is."""

    async def written_to(self) -> list[Preference]:
        """Return those of the agents to whom mails leave."""

    async def note_refused(self, agent: AgentId, at: datetime) -> None:
        """Note that a mail server would not have a mail to an agent."""


class MongoPreferences(Preferences):
    """The preferences in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._preferences = database[COLLECTION]

    @translate_errors
    async def of(self, agent: AgentId) -> Preference:
        found = await self._preferences.find_one({"_id": agent})
        return Preference(_id=agent) if found is None else Preference.model_validate(found)

    @translate_errors
    async def put(self, preference: Preference, *, over: Preference) -> None:
        was, wanted = over.model_dump(), preference.model_dump()
        if changed := {name: value for name, value in wanted.items() if value != was[name]}:
            await self._preferences.update_one({"_id": preference.agent}, {"$set": changed}, upsert=True)

    @translate_errors
    async def written_to(self) -> list[Preference]:
        wanting = self._preferences.find({"mails": {"$in": _WANTED}})
        return [each for each in [Preference.model_validate(found) async for found in wanting] if each.is_written_to]

    @translate_errors
    async def note_refused(self, agent: AgentId, at: datetime) -> None:
        wanting = {"_id": agent, "mails": {"$in": _WANTED}}
        await self._preferences.update_one(wanting, {"$set": {"mails_refused_at": at}})
