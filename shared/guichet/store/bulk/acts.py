"""Bulk acts: one decision of an agent's about many cases, given case by case by the desk (docs/decisions/0075).

Who gives them holds one at a time (guichet.mongo.hold). That nothing is given twice does not hang on it: each case's
command has an id of its own (guichet.store.bulk.cases), and what was given under it once is done.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Protocol

from pydantic import AwareDatetime, Field
from pymongo import ASCENDING, DESCENDING, IndexModel, ReturnDocument

from guichet.contracts.base import Contract
from guichet.contracts.unannounced import Unannounced
from guichet.ids import AgentId, BulkId, DepartmentId
from guichet.mongo.bulk import insert_new
from guichet.mongo.client import Database, translate_errors
from guichet.mongo.ended import Ends
from guichet.mongo.hold import from_now, is_free
from guichet.privacy.data_map.entry import PUBLIC_TASK, DataMapEntry, Erasure, Form, PersonalField
from guichet.privacy.data_map.retention import Expires, Phrase, days

COLLECTION: Final = "bulk_acts"
KEPT: Final = timedelta(days=30)  # so that who began one sees what was refused; a paused one does not wait for ever
ENDS: Final = Ends(COLLECTION, "ends")
INDEXES: dict[str, list[IndexModel]] = {
    COLLECTION: [
        ENDS.ttl_index(),
        IndexModel([("under_way", ASCENDING), ("at", ASCENDING)], name="begun_first"),
        IndexModel([("author", ASCENDING), ("at", DESCENDING)], name="of_author"),
    ]
}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="do for many cases what an agent decided once, and say how far it got",
        legal_basis=PUBLIC_TASK,
        whose="agents",
        retention=(
            Expires(
                date_field=ENDS.field,
                since=Phrase("it was begun", "le lancement"),
                period=days(KEPT.days),
            ),
        ),
        on_erasure=Erasure.NOT_CONCERNED,  # its cases and its words are in bulk_cases
        fields=(
            PersonalField("author", Form.PSEUDONYM, "the agent's id"),
            PersonalField("to", Form.PSEUDONYM, "the id of the agent whose work the cases become"),
        ),
    ),
)
OF_AN_AGENT: Final = 50  # of which a page tells
BY_TURNS: Final = 100  # under way in one town: what was begun after these waits until one of them is over


class BulkKind(StrEnum):
    """What is done with each case.

    reply-and-close: each is closed behind its answer. A kind, and no field of the act: an older desk that read past the
    field would answer, close nothing and say that it is done.
    """

    ASSIGN = "assign"
    CLOSE = "close"
    REROUTE = "reroute"
    REPLY = "reply"
    REPLY_AND_CLOSE = "reply-and-close"

    @property
    def answers(self) -> bool:
        """Whether an answer goes to each."""
        return self in {BulkKind.REPLY, BulkKind.REPLY_AND_CLOSE}

    @property
    def first(self) -> "BulkKind":
        """What is given first: the answer, where something is given behind it."""
        return BulkKind.REPLY if self.answers else self


class BulkState(StrEnum):
    """How far one is. Paused and cancelled: by its author."""

    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    DONE = "done"


class BulkAct(Contract):
    """One. count: of its cases. to: whose work they become; None: nobody's. department: where they go.

    awaits_answer: of a REPLY alone, each case then waits for its citizen.
    unannounced: of a CLOSE or REROUTE, why no citizen is written to about it.

    under_way: whether there is something to give, or an outcome to ask for. worked_at: when it was last its turn.
    held_until: by guichet.mongo.hold.
    """

    bulk_id: BulkId = Field(alias="_id")
    author: AgentId
    kind: BulkKind
    at: AwareDatetime
    ends: AwareDatetime
    count: int
    to: AgentId | None = None
    department: DepartmentId | None = None
    awaits_answer: bool = False
    unannounced: Unannounced | None = None
    state: BulkState = BulkState.RUNNING
    under_way: bool = True
    worked_at: AwareDatetime
    held_until: AwareDatetime | None = None


def in_turn(acts: Sequence[BulkAct]) -> list[BulkAct]:
    """Return whose turn it is, the one that waited longest first: an author's acts overtake each other nowhere.

    acts: under way, and with one of them all that were begun before it. One that is paused keeps no other waiting.
    """
    running = [each for each in acts if each.state is not BulkState.PAUSED]
    first = {each.author: each for each in sorted(running, key=_begun, reverse=True)}
    free = [each for each in acts if each.author not in first or _begun(each) <= _begun(first[each.author])]
    return sorted(free, key=lambda each: each.worked_at)


class BulkActs(Protocol):
    """Every method raises TransientError."""

    async def insert(self, act: BulkAct) -> None:
        """Keep one; one that is there stays as it is."""

    async def find(self, author: AgentId, bulk: BulkId) -> BulkAct | None:
        """Return an agent's own; None where there is none of theirs."""

    async def of_author(self, author: AgentId) -> list[BulkAct]:
        """Return an agent's own, the newest first; at most OF_AN_AGENT."""

    async def change(self, author: AgentId, bulk: BulkId, before: BulkState, after: BulkState) -> bool:
        """Put an agent's own in another state, to be looked at anew; say whether it was in the one before."""

    async def take(self, hold: timedelta) -> BulkAct | None:
        """Hold the one that is under way, in turn and has waited longest, where nobody holds it; None: none is."""

    async def let_go(self, act: BulkAct, at: datetime, *, under_way: bool, state: BulkState) -> None:
        """Let another process take it. state, under_way: what it has become, unless its author has changed it since."""


class MongoBulkActs(BulkActs):
    """The bulk acts in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._acts = database[COLLECTION]

    @translate_errors
    async def insert(self, act: BulkAct) -> None:
        await insert_new(self._acts, [act.model_dump(by_alias=True)])

    @translate_errors
    async def find(self, author: AgentId, bulk: BulkId) -> BulkAct | None:
        return _read(await self._acts.find_one({"_id": bulk, "author": author}))

    @translate_errors
    async def of_author(self, author: AgentId) -> list[BulkAct]:
        found = self._acts.find({"author": author}).sort("at", DESCENDING).limit(OF_AN_AGENT)
        return [BulkAct.model_validate(each) async for each in found]

    @translate_errors
    async def change(self, author: AgentId, bulk: BulkId, before: BulkState, after: BulkState) -> bool:
        mine = {"_id": bulk, "author": author, "state": before}
        done = await self._acts.update_one(mine, {"$set": {"state": after, "under_way": True}})
        return done.modified_count == 1

    @translate_errors
    async def take(self, hold: timedelta) -> BulkAct | None:
        begun_first = self._acts.find({"under_way": True}).sort("at", ASCENDING).limit(BY_TURNS)
        for each in in_turn([BulkAct.model_validate(found) async for found in begun_first]):
            free = {"_id": each.bulk_id, "under_way": True, "$expr": is_free()}
            held = [{"$set": {"held_until": from_now(hold)}}]
            taken = await self._acts.find_one_and_update(free, held, return_document=ReturnDocument.AFTER)
            if taken is not None:
                return _read(taken)
        return None

    @translate_errors
    async def let_go(self, act: BulkAct, at: datetime, *, under_way: bool, state: BulkState) -> None:
        mine = {"_id": act.bulk_id, "held_until": act.held_until}
        await self._acts.update_one(mine, {"$set": {"worked_at": at, "held_until": None}})
        if (under_way, state) != (act.under_way, act.state):
            became = {"under_way": under_way, "state": state}
            await self._acts.update_one({"_id": act.bulk_id, "state": act.state}, {"$set": became})


def _begun(act: BulkAct) -> tuple[datetime, BulkId]:
    return act.at, act.bulk_id


def _read(document: dict[str, Any] | None) -> BulkAct | None:
    return None if document is None else BulkAct.model_validate(document)
