"""Saved answers: texts that agents put into their answers again and again, a department's or one's own.

They are models and about nobody, as their page says; that somebody writes a person's name into one all the same is why
each is sealed, under a data key of its own. The key of what one said before, or of one that was thrown away, is
destroyed a week later: until then a backup that is put back has all of them.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final, Protocol

from pydantic import AwareDatetime, Field
from pymongo import ASCENDING, IndexModel

from guichet.contracts.base import Contract, Sealed
from guichet.ids import AgentId, DepartmentId, SavedAnswerId
from guichet.mongo.bulk import insert_new
from guichet.mongo.client import Database, translate_errors
from guichet.mongo.ended import Ends
from guichet.mongo.former_keys import THERE, replacing
from guichet.privacy.data_map.entry import PUBLIC_TASK, DataMapEntry, Erasure, Form, PersonalField
from guichet.privacy.data_map.retention import Executor, Expires, Phrase, Until, days
from guichet.store.agents.leaver_retention import kept_after_leaving
from guichet.vault.fields import SealedField, json_of

COLLECTION = "saved_answers"
MOST: Final = 200  # an agent's own, and as many of their departments: each page of a case opens them all


class SavedWords(Contract):
    """What a saved answer says. text: with variables such as {{référence}}."""

    title: str
    text: str


SAVED_WORDS: Final = SealedField("saved-answer", "words", json_of(SavedWords), holds="a model of an answer")
ENDS: Final = Ends(COLLECTION, "removed_at", timedelta(days=7), sealed=("words",), former="former")
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
        purpose="spare agents writing the same answer again and again",
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
                    "one thrown away, and the key of what one said before",
                    "une réponse supprimée, et la clé de son texte d’avant",
                ),
                date_field=ENDS.field,
                period=days(ENDS.kept.days),
                since=Phrase("that", "cela"),
            ),
        ),
        on_erasure=Erasure.NOT_CONCERNED,
        fields=(
            SAVED_WORDS.at("words"),
            PersonalField("owner", Form.PSEUDONYM, "the agent's id"),
            PersonalField("changed_by", Form.PSEUDONYM, "the agent's id"),
        ),
    ),
)


class SavedAnswer(Contract):
    """A saved answer: an agent's own (owner), or of a department. words: SAVED_WORDS."""

    answer_id: SavedAnswerId = Field(alias="_id")
    owner: AgentId | None = None
    department: DepartmentId | None = None
    words: Sealed
    changed_at: AwareDatetime
    changed_by: AgentId


class SavedAnswers(Protocol):
    """The saved answers. Every method raises TransientError."""

    async def insert(self, answer: SavedAnswer) -> None:
        """Keep a new one; one that is there stays as it is."""

    async def replace(self, answer: SavedAnswer) -> None:
        """Keep one in place of what it was; one that is gone stays so."""

    async def remove(self, answer: SavedAnswerId, at: datetime) -> None:
        """Throw one away; one that is gone is no error."""

    async def of(self, agent: AgentId, departments: Collection[DepartmentId]) -> list[SavedAnswer]:
        """Return an agent's own, and those of each of these departments: MOST of each, the first that were written."""


class MongoSavedAnswers(SavedAnswers):
    """The saved answers in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._answers = database[COLLECTION]

    @translate_errors
    async def insert(self, answer: SavedAnswer) -> None:
        await insert_new(self._answers, [answer.model_dump(by_alias=True)])

    @translate_errors
    async def replace(self, answer: SavedAnswer) -> None:
        fields = answer.model_dump(exclude={"answer_id"})
        await self._answers.update_one({"_id": answer.answer_id, **THERE}, replacing(ENDS, fields, answer.changed_at))

    @translate_errors
    async def remove(self, answer: SavedAnswerId, at: datetime) -> None:
        await self._answers.update_one({"_id": answer, **THERE}, {"$set": {ENDS.field: at}})

    @translate_errors
    async def of(self, agent: AgentId, departments: Collection[DepartmentId]) -> list[SavedAnswer]:
        asked = [{"owner": agent} | THERE, *({"department": each} | THERE for each in sorted(departments))]
        found = [await self._answers.find(each).limit(MOST).to_list(None) for each in asked]
        return [SavedAnswer.model_validate(each) for some in found for each in some]
