"""Internal notes: what agents write to each other about a case, each under a data key of its own.

A note is never sent, and on no citizen's page. Whoever it is about may read it (docs/law.md 42). Its case's history
says that it was added: one that is not in there is shown nowhere but with the refusal of its command. The
words of an express decision are a note, too, which a fact of the case names (docs/decisions/0097). And what was entered
first of a message as another request is one that nothing names (docs/decisions/0103).
"""

from collections.abc import Iterable
from typing import Final, Protocol

from pydantic import AwareDatetime, Field
from pymongo import ASCENDING, IndexModel

from guichet.contracts.base import Contract, Sealed
from guichet.ids import AgentId, CaseId, NoteId
from guichet.mongo.bulk import find_all, insert_new
from guichet.mongo.client import Database, translate_errors
from guichet.privacy.data_map.entry import PUBLIC_TASK, Belonging, Bond, DataMapEntry, Erasure, Form, PersonalField
from guichet.privacy.data_map.retention import Owner, WithIts
from guichet.vault.fields import TEXT, SealedField

COLLECTION = "notes"
WORDS: Final = SealedField("note", "words", TEXT, holds="what an agent wrote to colleagues about a case")
INDEXES: dict[str, list[IndexModel]] = {
    COLLECTION: [IndexModel([("case_id", ASCENDING)], name="by_case")]  # for whoever erases, or gives a person theirs
}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="let agents tell each other what they must know to treat a case",
        legal_basis=PUBLIC_TASK,
        whose="citizens who write to the town, people they name, agents",
        retention=(WithIts(owner=Owner.CASE),),
        on_erasure=Erasure.DELETED,
        fields=(
            WORDS.at("words"),
            PersonalField("author", Form.PSEUDONYM, "the agent's id"),
            PersonalField("mentions", Form.PSEUDONYM, "the ids of agents to whom it speaks by name"),
        ),
        belongs=(Belonging(Bond.CASE, "case_id"),),
    ),
)


class Note(Contract):
    """A note. words: WORDS. mentions: the colleagues to whom it speaks by name."""

    note_id: NoteId = Field(alias="_id")
    case_id: CaseId
    author: AgentId
    at: AwareDatetime
    words: Sealed
    mentions: tuple[AgentId, ...] = ()


class Notes(Protocol):
    """The notes. Every method raises TransientError."""

    async def insert(self, note: Note) -> None:
        """Keep a note; one that is there stays as it is."""

    async def find_many(self, notes: Iterable[NoteId]) -> dict[NoteId, Note]:
        """Return those that exist. Who reads for people has found their case within their scope."""


class MongoNotes(Notes):
    """The notes in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._notes = database[COLLECTION]

    @translate_errors
    async def insert(self, note: Note) -> None:
        await insert_new(self._notes, [note.model_dump(by_alias=True)])

    @translate_errors
    async def find_many(self, notes: Iterable[NoteId]) -> dict[NoteId, Note]:
        found = await find_all(self._notes, {"_id": {"$in": [*notes]}})
        return {document["_id"]: Note.model_validate(document) for document in found}
