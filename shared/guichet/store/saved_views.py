"""Saved views: lists that agents open again and again, each by a name; an agent's own, or a department's.

Somebody may write a person's name into one, as into a saved answer: each is sealed, under a data key of its own, and
the key of what one was before goes as that of a saved answer does.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final, Protocol

from pydantic import AwareDatetime, Field
from pymongo import ASCENDING, IndexModel

from guichet.contracts.base import Contract, Sealed
from guichet.ids import AgentId, DepartmentId, SavedViewId
from guichet.mongo.client import Database, translate_errors
from guichet.mongo.ended import Ends
from guichet.mongo.former_keys import THERE, replacing
from guichet.privacy.data_map.entry import PUBLIC_TASK, DataMapEntry, Erasure, Form, PersonalField
from guichet.privacy.data_map.retention import Executor, Expires, Phrase, Until, days
from guichet.store.agents.leaver_retention import kept_after_leaving
from guichet.vault.fields import SealedField, json_of

COLLECTION: Final = "saved_views"
MOST: Final = 20  # an agent's own, and as many of each department's


class SavedList(Contract):
    """What a saved view leads to. words: the choices, as an address says them; read anew whenever it is shown."""

    name: str
    words: Mapping[str, str]


SAVED_LIST: Final = SealedField("saved-view", "list", json_of(SavedList), holds="the name of a list and its choices")
ENDS: Final = Ends(COLLECTION, "removed_at", timedelta(days=7), sealed=("list",), former="former")
INDEXES: dict[str, list[IndexModel]] = {
    COLLECTION: [
        ENDS.ttl_index(),
        ENDS.former_index(),
        IndexModel([("department", ASCENDING)], name="by_department"),
        IndexModel([("owner", ASCENDING)], name="by_owner"),
    ]
}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="open a list that is used every day by one click",
        legal_basis=PUBLIC_TASK,
        whose="agents",
        retention=(
            Until(
                what=Phrase("what agents find", "ce que les agents trouvent"),
                event=Phrase("an agent throws it away", "un agent la supprime"),
                by=Executor.SAVED_ANSWERS,
            ),
            *kept_after_leaving(Phrase("one’s own, at the longest", "celle d’un agent, au plus")),
            Expires(
                what=Phrase(
                    "one thrown away, and the key of what one was before",
                    "une vue supprimée, et la clé de ce qu’elle était",
                ),
                date_field=ENDS.field,
                period=days(ENDS.kept.days),
                since=Phrase("that", "cela"),
            ),
        ),
        on_erasure=Erasure.NOT_CONCERNED,
        fields=(
            SAVED_LIST.at("list"),
            PersonalField("owner", Form.PSEUDONYM, "the agent's id"),
            PersonalField("changed_by", Form.PSEUDONYM, "the agent's id"),
        ),
    ),
)


class SavedView(Contract):
    """A saved view: an agent's own (owner), or of a department. list: SAVED_LIST."""

    view_id: SavedViewId = Field(alias="_id")
    owner: AgentId | None = None
    department: DepartmentId | None = None
    list: Sealed
    changed_at: AwareDatetime
    changed_by: AgentId


class SavedViews(Protocol):
    """The saved views. Every method raises TransientError."""

    async def put(self, view: SavedView) -> None:
        """Keep one, in place of what it was."""

    async def remove(self, view: SavedViewId, at: datetime) -> None:
        """Throw one away; one that is gone is no error."""

    async def of(self, agent: AgentId, departments: Collection[DepartmentId]) -> tuple[SavedView, ...]:
        """Return an agent's own, however many those departments have, and theirs: MOST of each is room for all."""


class MongoSavedViews(SavedViews):
    """The saved views in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._views = database[COLLECTION]

    @translate_errors
    async def put(self, view: SavedView) -> None:
        fields = view.model_dump(exclude={"view_id"})
        await self._views.update_one({"_id": view.view_id}, replacing(ENDS, fields, view.changed_at), upsert=True)

    @translate_errors
    async def remove(self, view: SavedViewId, at: datetime) -> None:
        await self._views.update_one({"_id": view, **THERE}, {"$set": {ENDS.field: at}})

    @translate_errors
    async def of(self, agent: AgentId, departments: Collection[DepartmentId]) -> tuple[SavedView, ...]:
        own = await self._views.find({"owner": agent, **THERE}).to_list(None)
        shared = self._views.find({"department": {"$in": sorted(departments)}, **THERE})
        theirs = await shared.limit(MOST * len(departments)).to_list(None) if departments else []
        return tuple(SavedView.model_validate(each) for each in (*own, *theirs))
