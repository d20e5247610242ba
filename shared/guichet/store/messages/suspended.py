"""Suspended messages: decided on once each, and read within a scope. What one may not see does not exist.

Every decision is one conditional write, so that of two agents, or an agent and the end of its time, one decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from pydantic import Field
from pymongo import ASCENDING, DESCENDING, IndexModel, UpdateOne

from guichet.contracts.base import Contract
from guichet.ids import AgentId, EventId, MessageId
from guichet.mongo.client import Database, translate_errors
from guichet.privacy.data_map.entry import DataMapEntry
from guichet.rights.scope import Scope
from guichet.store.messages.document import MessageDocument
from guichet.store.messages.suspension import RELEASABLE, SuspensionState

COLLECTION = "messages"
DATA_MAP: tuple[DataMapEntry, ...] = ()  # guichet.store.messages.store writes the collection and declares it
SPAM_KEPT_FOR: Final = timedelta(days=30)  # after an agent confirmed it: as long as a mistake may be noticed
COUNTED_UP_TO: Final = 100  # a page says "99+" from there on
_SUSPENDED: Final[dict[str, Any]] = {"suspended.state": {"$gt": ""}}  # hardly any message is: the others cost no entry
INDEXES: dict[str, list[IndexModel]] = {
    COLLECTION: [
        IndexModel(
            [
                ("suspended.sector", ASCENDING),
                ("suspended.department", ASCENDING),
                ("suspended.state", ASCENDING),
                ("at", DESCENDING),
                ("_id", DESCENDING),
            ],
            name="suspended",
            partialFilterExpression=_SUSPENDED,
        ),
        IndexModel(
            [("suspended.state", ASCENDING), ("suspended.decided_at", ASCENDING)],
            name="suspended_and_decided",
            partialFilterExpression=_SUSPENDED,
        ),
    ]
}


@dataclass(frozen=True)
class SuspensionDecision:
    """A decision about a suspended message. by, command: the agent's; None where Guichet lets it in by itself."""

    at: datetime
    by: AgentId | None = None
    command: EventId | None = None

    @property
    def releases(self) -> tuple[SuspensionState, ...]:
        """From which states it may release. What an agent confirmed as spam, an agent alone releases."""
        return (SuspensionState.WAITING,) if self.command is None else RELEASABLE


class SuspendedFilter(Contract):
    """What of a scope's suspended mail is asked for."""

    state: SuspensionState = SuspensionState.WAITING
    oldest_first: bool = False
    skip: int = Field(default=0, ge=0)
    limit: int = Field(default=50, ge=1, le=200)


class SuspendedMail(Protocol):
    """Suspended messages, as they are decided on. Every method raises TransientError."""

    async def release(self, decisions: Mapping[MessageId, SuspensionDecision]) -> frozenset[MessageId]:
        """Release messages that wait or, where an agent says so, are confirmed as spam; return those that this did."""

    async def confirm_spam(self, message: MessageId, decision: SuspensionDecision) -> bool:
        """Confirm as spam a message that waits; return whether this did."""

    async def end_spam(self, until: datetime, limit: int) -> Sequence[MessageId]:
        """Set aside so many messages that were confirmed as spam by then; return all that are set aside.

        Nobody releases them any more. Who is killed finds them again.
        """


class SuspendedMailReader(Protocol):
    """Suspended messages as one agent may see them. Every method raises TransientError.

    Only departments that the scope sees whole are asked for. A scope without any sees nothing, by the same query.
    """

    async def list_suspended(self, scope: Scope, wanted: SuspendedFilter) -> Sequence[MessageDocument]:
        """Return the messages asked for, by their arrival here."""

    async def count(self, scope: Scope, state: SuspensionState) -> int:
        """Return how many there are, up to COUNTED_UP_TO."""

    async def find(self, scope: Scope, message: MessageId) -> MessageDocument | None:
        """Return one, decided on or not; None when it does not exist, is none, or is not the scope's to see."""


class MongoSuspendedMail(SuspendedMail, SuspendedMailReader):
    """Suspended messages in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._messages = database[COLLECTION]

    @translate_errors
    async def release(self, decisions: Mapping[MessageId, SuspensionDecision]) -> frozenset[MessageId]:
        released = [
            message
            for message, decision in decisions.items()
            if await self._decide(_releasable(message, decision), SuspensionState.RELEASED, decision)
        ]
        return frozenset(released)

    @translate_errors
    async def confirm_spam(self, message: MessageId, decision: SuspensionDecision) -> bool:
        waiting = {"_id": message, "suspended.state": SuspensionState.WAITING.value}
        return await self._decide(waiting, SuspensionState.SPAM, decision)

    async def _decide(self, condition: dict[str, Any], state: SuspensionState, decision: SuspensionDecision) -> bool:
        decided = {
            "suspended.state": state.value,
            "suspended.decided_at": decision.at,
            "suspended.decided_by": decision.by,
            "suspended.command": decision.command,
        }
        return bool((await self._messages.update_one(condition, {"$set": decided})).matched_count)

    @translate_errors
    async def end_spam(self, until: datetime, limit: int) -> Sequence[MessageId]:
        over = {"suspended.state": SuspensionState.SPAM.value, "suspended.decided_at": {"$lte": until}}
        found = self._messages.find(over, {"_id": 1}).sort("suspended.decided_at", ASCENDING).limit(limit)
        ending = {"$set": {"suspended.state": SuspensionState.ENDING.value}}
        if updates := [UpdateOne({"_id": each["_id"], **over}, ending) async for each in found]:
            await self._messages.bulk_write(updates, ordered=False)
        aside = self._messages.find({"suspended.state": SuspensionState.ENDING.value}, {"_id": 1}).limit(limit)
        return [MessageId(each["_id"]) async for each in aside]

    @translate_errors
    async def list_suspended(self, scope: Scope, wanted: SuspendedFilter) -> Sequence[MessageDocument]:
        direction = ASCENDING if wanted.oldest_first else DESCENDING
        found = self._messages.find(_seen_by(scope) | {"suspended.state": wanted.state.value})
        page = found.sort([("at", direction), ("_id", direction)]).skip(wanted.skip).limit(wanted.limit)
        return [MessageDocument.model_validate(document) async for document in page]

    @translate_errors
    async def count(self, scope: Scope, state: SuspensionState) -> int:
        query = _seen_by(scope) | {"suspended.state": state.value}
        return await self._messages.count_documents(query, limit=COUNTED_UP_TO)

    @translate_errors
    async def find(self, scope: Scope, message: MessageId) -> MessageDocument | None:
        document = await self._messages.find_one({"_id": message, **_seen_by(scope)})
        return None if document is None else MessageDocument.model_validate(document)


def _releasable(message: MessageId, decision: SuspensionDecision) -> dict[str, Any]:
    return {"_id": message, "suspended.state": {"$in": [state.value for state in decision.releases]}}


def _seen_by(scope: Scope) -> dict[str, Any]:
    """Return the condition that every reading for an agent begins with."""
    return {
        "suspended.sector": {"$in": sorted(scope.whole_sectors)},
        "suspended.department": {"$in": sorted(scope.whole_departments)},
    }
