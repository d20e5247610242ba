"""How agents like the desk to be, where they said so; who said nothing has no document."""

from typing import Protocol

from pydantic import Field
from pymongo import IndexModel

from guichet.contracts.base import Contract
from guichet.ids import AgentId
from guichet.mongo.client import Database, translate_errors
from guichet.privacy.data_map.entry import PUBLIC_TASK, DataMapEntry, Erasure, Form, PersonalField
from guichet.privacy.data_map.retention import Executor, Phrase, Until

COLLECTION = "preferences"
INDEXES: dict[str, list[IndexModel]] = {COLLECTION: []}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="let agents switch off single keys at the desk, as a screen reader may need, and notifications on",
        legal_basis=PUBLIC_TASK,
        whose="agents",
        retention=(
            Until(
                event=Phrase("the agent who said so leaves the town", "l’agent qui l’a dit quitte la collectivité"),
                by=Executor.NOBODY_YET,
            ),
        ),
        on_erasure=Erasure.NOT_CONCERNED,
        fields=(PersonalField("_id", Form.PSEUDONYM, "the agent's id"),),
    ),
)


class Preference(Contract):
    """What one agent likes. keys: whether a letter alone, outside of fields, does something at the desk.

    notify: whether their browser tells them what is addressed to them while they look elsewhere.
    """

    agent: AgentId = Field(alias="_id")
    keys: bool = True
    notify: bool = False


class Preferences(Protocol):
    """The preferences. Every method raises TransientError when the store is away."""

    async def of(self, agent: AgentId) -> Preference:
        """Return an agent's; what everybody has who said nothing."""

    async def put(self, preference: Preference) -> None:
        """Keep one over what there was."""


class MongoPreferences(Preferences):
    """The preferences in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._preferences = database[COLLECTION]

    @translate_errors
    async def of(self, agent: AgentId) -> Preference:
        found = await self._preferences.find_one({"_id": agent})
        return Preference(_id=agent) if found is None else Preference.model_validate(found)

    @translate_errors
    async def put(self, preference: Preference) -> None:
        wanted = preference.model_dump(by_alias=True)
        await self._preferences.replace_one({"_id": preference.agent}, wanted, upsert=True)
