"""Causes other than messages: agents' commands and delivery reports, inserted before a decision."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final, Protocol

from pydantic import AwareDatetime, Field
from pymongo import ASCENDING, IndexModel

from guichet.contracts.base import Contract
from guichet.ids import CaseId, EventId, MessageId
from guichet.mongo.bulk import insert_new
from guichet.mongo.client import Database, translate_errors
from guichet.mongo.ended import Ends
from guichet.privacy.data_map.entry import PUBLIC_TASK, Belonging, Bond, DataMapEntry, Erasure
from guichet.privacy.data_map.retention import Expires, Phrase, days

COLLECTION = "commands"
# Longer than any topic keeps a record, and than what became of a dead letter. A letter that nobody decides on stays for
# longer still: whether what it asks for was done, the case's own history tells (docs/decisions/0002).
REMEMBERED_FOR: Final = timedelta(days=90)
ENDS = Ends(COLLECTION, "at", REMEMBERED_FOR)
INDEXES: dict[str, list[IndexModel]] = {
    COLLECTION: [
        ENDS.ttl_index(),
        IndexModel([("case_id", ASCENDING)], name="by_case"),  # both for an erasure
        IndexModel([("message_id", ASCENDING)], name="by_mail", partialFilterExpression={"message_id": {"$gt": ""}}),
    ]
}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="know which decisions and delivery reports are done, so that a replay changes nothing",
        legal_basis=PUBLIC_TASK,
        whose="nobody: ids, times and types only",
        retention=(
            Expires(
                date_field=ENDS.field,
                since=Phrase("the command or the report", "la décision ou le rapport"),
                period=days(REMEMBERED_FOR.days),
                because=Phrase(
                    "no topic and no dead letter that was decided on keeps a cause for longer",
                    "ni flux ni message en échec tranché n’en garde la cause plus longtemps",
                ),
            ),
        ),
        on_erasure=Erasure.DELETED,  # that it was about this case, or this mail
        belongs=(Belonging(Bond.CASE, "case_id"), Belonging(Bond.MESSAGE, "message_id")),
    ),
)


class CommandDocument(Contract):
    """A cause. `done`: its effects are published. refused: why it came to nothing, once done.

    case_id: what it is about; None for a decision about a suspended mail, `message_id`.
    """

    command_id: EventId = Field(alias="_id")
    type: str
    case_id: CaseId | None = None
    message_id: MessageId | None = None
    at: AwareDatetime
    done: bool = False
    refused: str | None = None


class CommandStore(Protocol):
    """Commands and reports. Every method raises TransientError."""

    async def insert_causes(self, commands: Sequence[CommandDocument]) -> None:
        """Insert what is not there yet."""

    async def find_many(self, commands: Iterable[EventId]) -> dict[EventId, CommandDocument]:
        """Return those that exist."""

    async def mark_done(self, commands: Sequence[EventId], refused: Mapping[EventId, str]) -> None:
        """Note that their effects are published. refused: why some of them came to nothing."""


class MongoCommandStore(CommandStore):
    """The commands in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._commands = database[COLLECTION]

    @translate_errors
    async def insert_causes(self, commands: Sequence[CommandDocument]) -> None:
        await insert_new(self._commands, [command.model_dump(by_alias=True) for command in commands])

    @translate_errors
    async def find_many(self, commands: Iterable[EventId]) -> dict[EventId, CommandDocument]:
        found = await self._commands.find({"_id": {"$in": [*commands]}}).to_list(None)
        return {document["_id"]: CommandDocument.model_validate(document) for document in found}

    @translate_errors
    async def mark_done(self, commands: Sequence[EventId], refused: Mapping[EventId, str]) -> None:
        for why in set(refused.values()):  # first: whoever finds a command done finds what became of it
            ids = [command for command in commands if refused.get(command) == why]
            await self._commands.update_many({"_id": {"$in": ids}}, {"$set": {"done": True, "refused": why}})
        if others := [command for command in commands if command not in refused]:
            await self._commands.update_many({"_id": {"$in": others}}, {"$set": {"done": True}})
