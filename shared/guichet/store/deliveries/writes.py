"""The queries and updates of `deliveries`, as MongoDB takes them. Pure.

Two clocks: `due_at` and what else is told is by Guichet's; the lease of a sender is by the store's own (`$$NOW`), which
no sender's clock, nor its sleep, moves.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from pymongo import UpdateOne

from guichet.contracts.delivery import DeliveryState
from guichet.mongo.hold import from_now, is_free, is_held
from guichet.store.deliveries.document import NEVER, OPEN, DeliveryDocument, lower_than, once_gathered

LET_GO: Final = {"held_by": "", "held_until": ""}
SETTLED: Final = {**LET_GO, "unsettled_since": "", "undecided_since": ""}


def due(lane: str, now: datetime) -> dict[str, Any]:
    """What a lane may claim."""
    return {"lane": lane, "state": {"$in": list(OPEN)}, "due_at": {"$lte": now}, "$expr": is_free()}


def claiming(before: DeliveryDocument, token: str, hold: timedelta) -> UpdateOne:
    """Hold a delivery that nobody has touched since it was read."""
    untouched = {"_id": before.outbound_id, "state": before.state.value, "due_at": before.due_at}
    held = {"held_by": {"$literal": token}, "held_until": from_now(hold), "attempts": {"$add": ["$attempts", 1]}}
    return UpdateOne({**untouched, "held_by": before.held_by, "$expr": is_free()}, [{"$set": held}])


def beginning(delivery: DeliveryDocument, now: datetime, hold: timedelta) -> UpdateOne:
    """Count a send that is about to begin, and have the lease last as long as a new one; nothing where it has ended."""
    copies = {"$add": [{"$ifNull": ["$copies", 0]}, 1]}
    since = {"$ifNull": ["$unsettled_since", now]}
    begun = {"copies": copies, "unsettled_since": since, "held_until": from_now(hold)}
    return UpdateOne({**held_query(delivery), "$expr": is_held()}, [{"$set": begun}])


def held_query(delivery: DeliveryDocument) -> dict[str, Any]:
    """The delivery, as long as nobody else has claimed it."""
    return {"_id": delivery.outbound_id, "held_by": delivery.held_by}


def letting_go(delivery: DeliveryDocument, due_at: datetime) -> dict[str, Any]:
    """Let go of what did not leave: what is known of sends is what was known before this one."""
    known = delivery.model_dump(include={"copies", "tried_for", "put_off_at", "bugs", "unsettled_since"})
    told = {name: value for name, value in known.items() if value is not None}
    return {"$set": {"due_at": due_at, **told}, "$unset": {**LET_GO, **dict.fromkeys(known.keys() - told.keys(), "")}}


def untouched(delivery: DeliveryDocument) -> dict[str, Any]:
    """The delivery, as long as nobody else has claimed it and surely no copy of it has left."""
    none_left = {"copies": {"$in": [None, 0]}, "parts_sent": {"$in": [None, 0]}, "unsettled_since": None}
    return {**held_query(delivery), "state": DeliveryState.PENDING.value, **none_left}


def refused(delivery: DeliveryDocument) -> dict[str, Any]:
    """The delivery, as long as nobody else has claimed it and the attempt that was refused was its only one."""
    only_one = {"copies": {"$in": [None, 0, 1]}, "parts_sent": {"$in": [None, 0]}}
    return {**held_query(delivery), "state": DeliveryState.PENDING.value, **only_one}


def waiting(reason: str, now: datetime) -> dict[str, Any]:
    """Have the other services told why a delivery waits."""
    return changes(DeliveryState.PENDING, reason, now)


def resting(delivery: DeliveryDocument, due_at: datetime, *, denied: bool) -> dict[str, Any]:
    """What is written of a delivery in doubt that rests. denied: its last send counts as no copy, but as trying."""
    known = delivery.model_dump(include={"copies", "tried_for", "put_off_at"}) if denied else {}
    return {"due_at": due_at, **known}


def concluding(delivery: DeliveryDocument, state: DeliveryState, now: datetime, reason: str | None) -> UpdateOne:
    """Record what became of one of those that left in one message. That they were gathered is no longer told."""
    who = {"_id": delivery.outbound_id} if state is DeliveryState.SENT else held_query(delivery)
    plain = {"lane": once_gathered(delivery.lane), "due_at": delivery.requested_at}
    known = {"provider_id": delivery.provider_id} if delivery.provider_id is not None else {}
    return UpdateOne(
        {**who, "state": {"$in": list(lower_than(state))}},
        {"$set": {**changes(state, reason, now), **plain, **known}, "$unset": SETTLED},
    )


def leaving_undecided(delivery: DeliveryDocument, reason: str, now: datetime) -> UpdateOne:
    """Record that nobody will learn by themselves what became of a delivery; no sender takes it up any more."""
    known = {**changes(DeliveryState.UNKNOWN, reason, now), "undecided_since": now}
    parked = {"due_at": NEVER, "lane": once_gathered(delivery.lane)}
    still_open = {**held_query(delivery), "state": {"$in": [each.value for each in OPEN]}}
    return UpdateOne(still_open, {"$set": {**known, **parked}, "$unset": LET_GO})


def changes(state: DeliveryState, reason: str | None, now: datetime) -> dict[str, Any]:
    """Move to a state that the other services are to be told."""
    return {"state": state.value, "reason": reason, "changed_at": now, "unpublished": True}
