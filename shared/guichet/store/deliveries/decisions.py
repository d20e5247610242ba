"""What agents decide about messages whose fate is unknown for good: each decision counts once, whatever is replayed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Protocol

from pymongo import ReturnDocument

from guichet.contracts.delivery import DeliveryState
from guichet.ids import EventId, MessageId
from guichet.mongo.client import Database, translate_errors
from guichet.store.deliveries.document import DeliveryDocument
from guichet.store.deliveries.store import COLLECTION
from guichet.store.deliveries.writes import SETTLED, changes

BY_AN_AGENT: Final = "agent-confirmed"
_ANEW: Final[Mapping[str, Any]] = {"attempts": 0, "copies": 0, "tried_for": 0, "bugs": 0}


class DeliveryDecisions(Protocol):
    """Each method returns the delivery as it now is; None where the decision was taken before, or is moot: a late
    report of the provider told what became of it. decision: the id of its event. They raise TransientError."""

    async def received(self, outbound_id: MessageId, decision: EventId, now: datetime) -> DeliveryDocument | None:
        """Record that the citizen has it, as an agent learned from them."""

    async def send_again(self, outbound_id: MessageId, decision: EventId, now: datetime) -> DeliveryDocument | None:
        """Have it sent as if it had never been tried."""


class MongoDeliveryDecisions(DeliveryDecisions):
    """The decisions in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._deliveries = database[COLLECTION]

    async def received(self, outbound_id: MessageId, decision: EventId, now: datetime) -> DeliveryDocument | None:
        return await self._decide(outbound_id, decision, changes(DeliveryState.DELIVERED, BY_AN_AGENT, now))

    async def send_again(self, outbound_id: MessageId, decision: EventId, now: datetime) -> DeliveryDocument | None:
        anew = {**_ANEW, "state": DeliveryState.PENDING.value, "reason": None, "due_at": now, "unpublished": False}
        return await self._decide(outbound_id, decision, anew)

    @translate_errors
    async def _decide(
        self, outbound_id: MessageId, decision: EventId, change: Mapping[str, Any]
    ) -> DeliveryDocument | None:
        undecided = {"_id": outbound_id, "undecided_since": {"$exists": True}, "decisions": {"$ne": decision}}
        after = await self._deliveries.find_one_and_update(
            undecided,
            {"$set": change, "$push": {"decisions": decision}, "$unset": {**SETTLED, "put_off_at": ""}},
            return_document=ReturnDocument.AFTER,
        )
        return DeliveryDocument.model_validate(after) if after else None
