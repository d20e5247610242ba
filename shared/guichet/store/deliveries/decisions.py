"""What agents decide about messages whose fate is unknown for good, and that they posted answers on paper.

Each decision counts once, whatever is replayed.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Protocol

from pymongo import ReturnDocument

from guichet.contracts.delivery import DeliveryState, Purpose
from guichet.ids import EventId, MessageId
from guichet.mongo.client import Database, translate_errors
from guichet.store.deliveries.document import DeliveryDocument
from guichet.store.deliveries.store import COLLECTION
from guichet.store.deliveries.writes import SETTLED, changes

BY_AN_AGENT: Final = "agent-confirmed"
NOT_ELECTRONIC: Final = "not-electronic"  # why what is withheld was: no channel of the town carries it
_UNDECIDED: Final[Mapping[str, Any]] = {"undecided_since": {"$exists": True}}
_ON_PAPER: Final[Mapping[str, Any]] = {
    "state": DeliveryState.WITHHELD.value,
    "reason": NOT_ELECTRONIC,
    "purpose": Purpose.REPLY.value,
}
_ANEW: Final[Mapping[str, Any]] = {"attempts": 0, "copies": 0, "tried_for": 0, "bugs": 0}


class DeliveryDecisions(Protocol):
    """Each method returns the delivery as it now is; None where the decision was taken before, or is moot: a late
    report of the provider told what became of it. decision: the id of its event. They raise TransientError."""

    async def received(self, outbound_id: MessageId, decision: EventId, now: datetime) -> DeliveryDocument | None:
        """Record that the citizen has it, as an agent learned from them."""

    async def send_again(self, outbound_id: MessageId, decision: EventId, now: datetime) -> DeliveryDocument | None:
        """Have it sent as if it had never been tried."""

    async def posted(self, outbound_id: MessageId, decision: EventId, now: datetime) -> DeliveryDocument | None:
        """Record that an answer left on paper, which goes by no electronic way."""


class MongoDeliveryDecisions(DeliveryDecisions):
    """The decisions in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._deliveries = database[COLLECTION]

    async def received(self, outbound_id: MessageId, decision: EventId, now: datetime) -> DeliveryDocument | None:
        return await self._decide(_UNDECIDED, outbound_id, decision, changes(DeliveryState.DELIVERED, BY_AN_AGENT, now))

    async def send_again(self, outbound_id: MessageId, decision: EventId, now: datetime) -> DeliveryDocument | None:
        anew = {**_ANEW, "state": DeliveryState.PENDING.value, "reason": None, "due_at": now, "unpublished": False}
        return await self._decide(_UNDECIDED, outbound_id, decision, anew)

    async def posted(self, outbound_id: MessageId, decision: EventId, now: datetime) -> DeliveryDocument | None:
        return await self._decide(_ON_PAPER, outbound_id, decision, changes(DeliveryState.SENT, None, now))

    @translate_errors
    async def _decide(
        self, waits: Mapping[str, Any], outbound_id: MessageId, decision: EventId, change: Mapping[str, Any]
    ) -> DeliveryDocument | None:
        after = await self._deliveries.find_one_and_update(
            {**waits, "_id": outbound_id, "decisions": {"$ne": decision}},
            {"$set": change, "$push": {"decisions": decision}, "$unset": {**SETTLED, "put_off_at": ""}},
            return_document=ReturnDocument.AFTER,
        )
        return DeliveryDocument.model_validate(after) if after else None
