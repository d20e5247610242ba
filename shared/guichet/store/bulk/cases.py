"""The cases of bulk acts: one document each, with what is said in it, sealed under a data key of its own.

    waiting ─▶ leaving ─▶ given ─▶ done, refused, unconfirmed       leaving ─▶ refused: nothing was given
       └─────▶ cancelled, refused                              unconfirmed ─▶ done, refused: it was decided later

`leaving` is what decides between who gives and who cancels: what has begun to leave cannot be taken back, and is given
again, under the same command's id, by whoever finds it left behind.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Protocol

from pydantic import AwareDatetime, Field
from pymongo import ASCENDING, IndexModel

from guichet.contracts.base import Contract, Sealed
from guichet.ids import BulkId, CaseId, EventId, MessageId, Reference, derive_id
from guichet.mongo.bulk import insert_new
from guichet.mongo.client import Database, translate_errors
from guichet.mongo.ended import Ends
from guichet.privacy.data_map.entry import PUBLIC_TASK, Belonging, Bond, DataMapEntry, Erasure
from guichet.privacy.data_map.retention import Expires, Owner, Phrase, WithIts, days
from guichet.store.bulk.acts import KEPT
from guichet.vault.fields import TEXT, SealedField

COLLECTION: Final = "bulk_cases"
MOST: Final = 200  # cases of one act: a page shows them all before it begins
WORDS: Final = SealedField("bulk-case", "words", TEXT, holds="what an agent says in one of many cases")
ENDS: Final = Ends(COLLECTION, "ends", sealed=("words",))
INDEXES: dict[str, list[IndexModel]] = {
    COLLECTION: [
        ENDS.ttl_index(),
        IndexModel([("bulk_id", ASCENDING), ("state", ASCENDING), ("number", ASCENDING)], name="of_act"),
        IndexModel([("case_id", ASCENDING)], name="by_case"),
    ]
}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="give each of many cases its own answer once, and say what was refused and why",
        legal_basis=PUBLIC_TASK,
        whose="citizens who write to the town, people they name",
        retention=(
            Expires(
                date_field=ENDS.field,
                since=Phrase("the act was begun", "le lancement"),
                period=days(KEPT.days),
            ),
            WithIts(what=Phrase("at the longest", "au plus"), owner=Owner.CASE),
        ),
        on_erasure=Erasure.DELETED,
        fields=(WORDS.at("words"),),
        belongs=(Belonging(Bond.CASE, "case_id"),),
    ),
)


class RowState(StrEnum):
    """How far a case is. unconfirmed: it was given, and nobody has said for long what became of it."""

    WAITING = "waiting"
    LEAVING = "leaving"
    GIVEN = "given"
    DONE = "done"
    REFUSED = "refused"
    UNCONFIRMED = "unconfirmed"
    CANCELLED = "cancelled"


UNDER_WAY: Final = (RowState.LEAVING, RowState.GIVEN)


def row_of(bulk: BulkId, case: CaseId) -> str:
    """Return the id of a case's row in an act."""
    return derive_id("bulk-case", bulk, case)


class BulkCase(Contract):
    """A case of an act. number: its place. shown: its newest when the act was begun. answers: to whose sender it goes.

    words: WORDS; None: nothing is said. despite: of which the agent has said that they close it all the same.
    command: the id of what was given. given_at: since when its outcome is awaited. why: it was refused.
    is_answered: its answer has left; what was refused, or nobody has decided, is the closing behind it.
    """

    row_id: str = Field(alias="_id")
    bulk_id: BulkId
    number: int
    case_id: CaseId
    reference: Reference
    ends: AwareDatetime
    shown: str | None = None
    answers: MessageId | None = None
    words: Sealed | None = None
    despite: tuple[str, ...] = ()
    state: RowState = RowState.WAITING
    command: EventId | None = None
    given_at: AwareDatetime | None = None
    why: str | None = None
    is_answered: bool = False


class BulkCases(Protocol):
    """Every method raises TransientError."""

    async def insert(self, rows: Sequence[BulkCase]) -> None:
        """Keep rows; one that is there stays as it is."""

    async def of(self, bulk: BulkId) -> list[BulkCase]:
        """Return an act's, by their number."""

    async def in_states(self, bulk: BulkId, states: Collection[RowState], most: int = MOST) -> list[BulkCase]:
        """Return the first of an act's that are in one of these states, by their number."""

    async def begin(self, row: str, command: EventId, at: datetime) -> bool:
        """Let one that waits leave; say whether it does: not where it was cancelled, or leaves already."""

    async def settle(
        self,
        row: BulkCase,
        after: RowState,
        why: str | None = None,
        *,
        is_answered: bool = False,
        given_at: datetime | None = None,
    ) -> None:
        """Say what became of one, unless it is another thing by now than it was read as. given_at: None: as it was."""

    async def cancel(self, bulk: BulkId) -> None:
        """Let none leave that has not begun to."""


class MongoBulkCases(BulkCases):
    """The rows in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._rows = database[COLLECTION]

    @translate_errors
    async def insert(self, rows: Sequence[BulkCase]) -> None:
        await insert_new(self._rows, [each.model_dump(by_alias=True) for each in rows])

    @translate_errors
    async def of(self, bulk: BulkId) -> list[BulkCase]:
        return _in_order(await self._rows.find({"bulk_id": bulk}).to_list(None))

    @translate_errors
    async def in_states(self, bulk: BulkId, states: Collection[RowState], most: int = MOST) -> list[BulkCase]:
        query = {"bulk_id": bulk, "state": {"$in": sorted(states)}}
        return _in_order(await self._rows.find(query).sort("number", ASCENDING).limit(most).to_list(None))

    @translate_errors
    async def begin(self, row: str, command: EventId, at: datetime) -> bool:
        leaves = {"state": RowState.LEAVING, "command": command, "given_at": at}
        begun = await self._rows.update_one({"_id": row, "state": RowState.WAITING}, {"$set": leaves})
        return begun.modified_count == 1

    @translate_errors
    async def settle(
        self,
        row: BulkCase,
        after: RowState,
        why: str | None = None,
        *,
        is_answered: bool = False,
        given_at: datetime | None = None,
    ) -> None:
        became: dict[str, Any] = {"state": after, "why": why, "is_answered": is_answered}
        if given_at is not None:
            became["given_at"] = given_at
        await self._rows.update_one({"_id": row.row_id, "state": row.state}, {"$set": became})

    @translate_errors
    async def cancel(self, bulk: BulkId) -> None:
        waiting = {"bulk_id": bulk, "state": RowState.WAITING}
        await self._rows.update_many(waiting, {"$set": {"state": RowState.CANCELLED}})


def _in_order(documents: list[dict[str, Any]]) -> list[BulkCase]:
    return sorted((BulkCase.model_validate(each) for each in documents), key=lambda each: each.number)
