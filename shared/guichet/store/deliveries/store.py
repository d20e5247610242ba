"""Messages that the town owes citizens, and their way to them. The notifier's: what others know of it, events tell."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Protocol

from pymongo import ASCENDING, DESCENDING, IndexModel, ReturnDocument, UpdateOne

from guichet.contracts.delivery import DeliveryState
from guichet.ids import CaseId, MessageId
from guichet.mongo.bulk import insert_new
from guichet.mongo.client import Database, translate_errors
from guichet.mongo.hold import from_now
from guichet.privacy.coarse_times import moments_before
from guichet.privacy.data_map.entry import PUBLIC_TASK, Belonging, Bond, DataMapEntry, Erasure, Form, PersonalField
from guichet.privacy.data_map.retention import Owner, WithIts
from guichet.store.deliveries.document import (
    CAP_REACHED,
    NOT_LEFT,
    DeliveryDocument,
    Redirection,
    gathered,
    held_copy,
    lower_than,
)
from guichet.store.deliveries.writes import (
    LET_GO,
    SETTLED,
    beginning,
    changes,
    claiming,
    concluding,
    due,
    held_query,
    leaving_undecided,
    letting_go,
    refused,
    resting,
    untouched,
    waiting,
)

COLLECTION = "deliveries"
NOT_LEFT_YET = "legal_receipts_not_left"
UNDECIDED = "undecided"
WAITING_FOR_ROOM = "waiting_for_room"
INDEXES: dict[str, list[IndexModel]] = {
    COLLECTION: [
        IndexModel([("lane", ASCENDING), ("state", ASCENDING), ("due_at", ASCENDING)], name="due_by_lane"),
        IndexModel([("case_id", ASCENDING), ("requested_at", ASCENDING)], name="of_case"),
        IndexModel(  # for an erasure
            [("answers", ASCENDING)], name="by_answered", partialFilterExpression={"provider_id": {"$exists": True}}
        ),
        IndexModel(  # with the lane: whoever gives all its letters one id has nobody read them all
            [("provider_id", ASCENDING), ("lane", ASCENDING)],
            name="by_provider_id",
            partialFilterExpression={"provider_id": {"$exists": True}},
        ),
        IndexModel(  # guichet.store.deliveries.watched walks these two
            [("overdue_at", DESCENDING), ("_id", DESCENDING)],
            name=NOT_LEFT_YET,
            partialFilterExpression={
                "state": {"$in": [each.value for each in NOT_LEFT]},
                "overdue_at": {"$exists": True},
            },
        ),
        IndexModel(
            [("undecided_since", DESCENDING), ("_id", DESCENDING)],
            name=UNDECIDED,
            partialFilterExpression={"undecided_since": {"$exists": True}},
        ),
        IndexModel(
            [("lane", ASCENDING)],
            name=WAITING_FOR_ROOM,
            partialFilterExpression={"state": DeliveryState.PENDING.value, "reason": CAP_REACHED},
        ),
        IndexModel([("changed_at", ASCENDING)], name="unpublished", partialFilterExpression={"unpublished": True}),
    ]
}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="Send each receipt and each answer once, and say how far it got",
        legal_basis=PUBLIC_TASK,
        whose="Citizens who wrote to the town",
        retention=(WithIts(owner=Owner.CASE),),
        on_erasure=Erasure.DELETED,
        fields=(
            PersonalField(
                "provider_id", Form.PSEUDONYM, "the provider's id of the message, which the provider resolves"
            ),
        ),
        belongs=(Belonging(Bond.CASE, "case_id"),),
    ),
)


class Deliveries(Protocol):
    """The intents. Every method raises TransientError while the store is away."""

    async def insert_new(self, *deliveries: DeliveryDocument) -> frozenset[MessageId]:
        """Record intents; return those that were already there, which stay as they are."""

    async def of_case(self, case: CaseId) -> list[DeliveryDocument]:
        """Return the intents of a case, oldest first. The caller has checked that the case may be seen."""

    async def claim(self, lane: str, token: str, now: datetime, hold: timedelta, most: int) -> list[DeliveryDocument]:
        """Take deliveries of a lane for `hold` by the store's clock, at most `most`, those due longest first.

        token: of this claim alone. Returned as they now are. `unsettled_since` is set when a send before this one has
        no known outcome, because the provider's answer was lost or its sender died.
        """

    async def begin(self, held: Sequence[DeliveryDocument], now: datetime, hold: timedelta) -> frozenset[MessageId]:
        """Return which of these may leave now, because they are still held, by the store's clock.

        Each of those counts as a copy that may reach the citizen, until its outcome is recorded, and is held for `hold`
        from now on. The others must not be sent: a sender that slept past its lease notices here.
        """

    async def keep(self, held: Sequence[DeliveryDocument], hold: timedelta) -> None:
        """Hold these for `hold` from now on, as far as nobody else has claimed them."""

    async def postpone(self, held: DeliveryDocument, due_at: datetime) -> None:
        """Let go, until `due_at`, of a delivery that this attempt did not send.

        What is known of sends before it, and for how long it was put off, is as `held` says.
        """

    async def advance(self, held: DeliveryDocument, now: datetime) -> None:
        """Note that the next part of an answer has left, and let go: the one after it is due at once.

        Nothing happens where the sender holds it no longer: who does finds out what became of the part.
        """

    async def doubt(
        self, held: DeliveryDocument, reason: str, now: datetime, due_at: datetime, *, denied: bool = False
    ) -> DeliveryDocument | None:
        """Let go of a delivery whose outcome is not known; it is settled from `due_at` on.

        denied: the provider said that it failed, so the send counts as no copy, and what `held` says of its trying is
        kept. Returns the delivery as it now is where that changed its state.
        """

    async def leave_undecided(self, held: Sequence[DeliveryDocument], now: datetime, reason: str) -> None:
        """Record that nobody will learn by themselves whether these left: no sender takes them up any more.

        An agent says what holds (guichet.store.deliveries.decisions), or a late report of the provider does.
        """

    async def conclude(
        self, held: DeliveryDocument, state: DeliveryState, now: datetime, reason: str | None, provider_id: str | None
    ) -> DeliveryDocument | None:
        """Record what became of an attempt; return the delivery as it now is, None where that did not move it.

        Anything but success counts only from the sender that still holds it.
        """

    async def gather(self, held: DeliveryDocument, due_at: datetime) -> None:
        """Let go of a receipt that nobody has tried to send: it waits until `due_at` for others of its recipient."""

    async def wait_for_room(self, held: DeliveryDocument, now: datetime, due_at: datetime) -> DeliveryDocument | None:
        """Let go, until `due_at`, of a delivery that no cap of its account has room for.

        Returns it as it now is where that is news. Where it is not known what became of an earlier copy, the doubt is
        what is told.
        """

    async def redirect(
        self, held: DeliveryDocument, onto: Redirection, reason: str, now: datetime
    ) -> DeliveryDocument | None:
        """Let go of a delivery that is due at once by another way; return it as it now is.

        None, and nothing happens, where it is held no longer, or a copy may have left already. Where its mail was
        refused the attempt that was is no copy: nothing of it left.
        """

    async def hand_on(self, failed: MessageId, goes_on_as: MessageId) -> None:
        """Note that another delivery goes in place of one that failed: it is that one which is owed from now on."""

    async def waits_for_room(self, lane: str) -> bool:
        """Say whether anything of a lane waits because no cap of its account has room."""

    async def has_due(self, lane: str, now: datetime) -> bool:
        """Say whether a lane has something to claim."""

    async def conclude_together(
        self, held: Sequence[DeliveryDocument], state: DeliveryState, now: datetime, reason: str | None = None
    ) -> int:
        """Record what became of the one message that all these left in; return how many that moved.

        One command: a sender that is killed records all of them or none. `provider_id` of each is recorded where it
        has one. As in `conclude`, anything but success counts only from who still holds it. That they were gathered
        is no longer told, and each changes at a moment of its own.
        """

    async def release_together(
        self,
        held: Sequence[DeliveryDocument],
        now: datetime,
        due_at: datetime,
        *,
        doubtful: str | None = None,
        denied: bool = False,
    ) -> None:
        """Let go of all these until `due_at`, in one command. doubtful: why their message may have left after all.

        denied: see `doubt`.
        """

    async def report(
        self, outbound_id: MessageId, state: DeliveryState, now: datetime, reason: str | None, provider_id: str
    ) -> DeliveryDocument | None:
        """Record a provider's report; return the delivery as it now is, None where that did not move it.

        A later state is never taken back. Of an answer in parts, which one message id cannot stand for, a report of
        failure alone counts: one part that did not arrive is an answer that did not.
        """

    async def taken(self, lane: str, provider_ids: Iterable[str], besides: MessageId) -> set[str]:
        """Return those of an account's ids that belong to deliveries of its lane other than `besides`.

        Another account's are its own affair: it may give the same ids, by chance or to do harm.
        """

    async def unpublished(self, changed_before: datetime, limit: int = 500) -> list[DeliveryDocument]:
        """Return deliveries whose change may not have been published, oldest first."""

    async def mark_published(self, *published: DeliveryDocument) -> None:
        """Note that this state of each is published; a later state stays unpublished."""


class MongoDeliveries(Deliveries):
    """The intents in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._deliveries = database[COLLECTION]

    @translate_errors
    async def insert_new(self, *deliveries: DeliveryDocument) -> frozenset[MessageId]:
        errors = await insert_new(self._deliveries, [_document(each) for each in deliveries])
        return frozenset(deliveries[error["index"]].outbound_id for error in errors)

    @translate_errors
    async def of_case(self, case: CaseId) -> list[DeliveryDocument]:
        return await self._many({"case_id": case}, "requested_at", limit=0)

    @translate_errors
    async def claim(self, lane: str, token: str, now: datetime, hold: timedelta, most: int) -> list[DeliveryDocument]:
        while found := await self._many(due(lane, now), "due_at", most):
            if taken := await self._take(found, token, hold):  # else other senders were faster
                return taken
        return []

    async def _take(self, found: list[DeliveryDocument], token: str, hold: timedelta) -> list[DeliveryDocument]:
        """Hold those of the deliveries that nobody has touched since they were read; return them as they now are."""
        taken = await self._deliveries.bulk_write([claiming(each, token, hold) for each in found], ordered=False)
        if taken.modified_count < len(found):
            wanted = {"_id": {"$in": [each.outbound_id for each in found]}, "held_by": token}
            ours = {document["_id"] async for document in self._deliveries.find(wanted, {"_id": 1})}
            found = [each for each in found if each.outbound_id in ours]
        return [held_copy(each, token) for each in found]

    @translate_errors
    async def begin(self, held: Sequence[DeliveryDocument], now: datetime, hold: timedelta) -> frozenset[MessageId]:
        begun = await self._deliveries.bulk_write([beginning(each, now, hold) for each in held], ordered=False)
        counts = {each.outbound_id: each.copies for each in held}
        if begun.modified_count == len(held):
            return frozenset(counts)
        there = self._deliveries.find(_all_held(held), {"copies": 1})
        return frozenset([each["_id"] async for each in there if each.get("copies", 0) > counts[each["_id"]]])

    @translate_errors
    async def keep(self, held: Sequence[DeliveryDocument], hold: timedelta) -> None:
        await self._deliveries.update_many(_all_held(held), [{"$set": {"held_until": from_now(hold)}}])

    @translate_errors
    async def postpone(self, held: DeliveryDocument, due_at: datetime) -> None:
        await self._deliveries.update_one(held_query(held), letting_go(held, due_at))

    @translate_errors
    async def advance(self, held: DeliveryDocument, now: datetime) -> None:
        # A part that was in doubt has been settled: the state is that of the whole again.
        anew = {"attempts": 0, "copies": 0, "tried_for": 0, "bugs": 0, "state": DeliveryState.PENDING.value}
        onward = {"due_at": now, "parts_sent": held.parts_sent + 1, **anew}
        query = {**held_query(held), "parts_sent": held.parts_sent}
        await self._deliveries.update_one(query, {"$set": onward, "$unset": {**SETTLED, "put_off_at": ""}})

    @translate_errors
    async def doubt(
        self, held: DeliveryDocument, reason: str, now: datetime, due_at: datetime, *, denied: bool = False
    ) -> DeliveryDocument | None:
        first_doubt = {**held_query(held), "state": DeliveryState.PENDING.value}
        rests = resting(held, due_at, denied=denied)
        doubt = {**changes(DeliveryState.UNKNOWN, reason, now), **rests}
        doubted = await self._change(first_doubt, {"$set": doubt, "$unset": LET_GO})
        if doubted is None:
            await self._deliveries.update_one(held_query(held), {"$set": rests, "$unset": LET_GO})
        return doubted

    @translate_errors
    async def leave_undecided(self, held: Sequence[DeliveryDocument], now: datetime, reason: str) -> None:
        moments = zip(held, moments_before(now, len(held)), strict=True)
        await self._deliveries.bulk_write([leaving_undecided(each, reason, at) for each, at in moments], ordered=False)

    @translate_errors
    async def conclude(
        self, held: DeliveryDocument, state: DeliveryState, now: datetime, reason: str | None, provider_id: str | None
    ) -> DeliveryDocument | None:
        query = {"_id": held.outbound_id} if state is DeliveryState.SENT else held_query(held)
        return await self._advance(query, state, now, reason, provider_id)

    @translate_errors
    async def gather(self, held: DeliveryDocument, due_at: datetime) -> None:
        parked = {"lane": gathered(held.lane), "due_at": due_at, "attempts": 0}
        await self._deliveries.update_one(held_query(held), {"$set": parked, "$unset": SETTLED})

    @translate_errors
    async def wait_for_room(self, held: DeliveryDocument, now: datetime, due_at: datetime) -> DeliveryDocument | None:
        is_news = {**held_query(held), "state": DeliveryState.PENDING.value, "reason": {"$ne": CAP_REACHED}}
        release = letting_go(held, due_at)
        told = {"$set": {**release["$set"], **waiting(CAP_REACHED, now)}, "$unset": release["$unset"]}
        if (news := await self._change(is_news, told)) is None:
            await self._deliveries.update_one(held_query(held), release)
        return news

    @translate_errors
    async def redirect(
        self, held: DeliveryDocument, onto: Redirection, reason: str, now: datetime
    ) -> DeliveryDocument | None:
        anew = {"due_at": now, "attempts": 0, "bugs": 0, "tried_for": 0, "copies": 0}
        change = {"$set": {**asdict(onto), **anew, **waiting(reason, now)}, "$unset": {**SETTLED, "put_off_at": ""}}
        return await self._change(refused(held) if onto.mail_refused else untouched(held), change)

    @translate_errors
    async def hand_on(self, failed: MessageId, goes_on_as: MessageId) -> None:
        has_failed = {"_id": failed, "state": DeliveryState.FAILED.value}
        await self._deliveries.update_one(
            has_failed, {"$set": {"goes_on_as": goes_on_as}, "$unset": {"overdue_at": ""}}
        )

    @translate_errors
    async def waits_for_room(self, lane: str) -> bool:
        waits = {"lane": {"$in": [lane, gathered(lane)]}, "state": DeliveryState.PENDING.value, "reason": CAP_REACHED}
        return await self._deliveries.find_one(waits, {"_id": 1}, hint=WAITING_FOR_ROOM) is not None

    @translate_errors
    async def has_due(self, lane: str, now: datetime) -> bool:
        return await self._deliveries.find_one(due(lane, now), {"_id": 1}) is not None

    @translate_errors
    async def conclude_together(
        self, held: Sequence[DeliveryDocument], state: DeliveryState, now: datetime, reason: str | None = None
    ) -> int:
        moments = zip(held, moments_before(now, len(held)), strict=True)
        concluded = [concluding(each, state, at, reason) for each, at in moments]
        return (await self._deliveries.bulk_write(concluded, ordered=False)).modified_count

    @translate_errors
    async def release_together(
        self,
        held: Sequence[DeliveryDocument],
        now: datetime,
        due_at: datetime,
        *,
        doubtful: str | None = None,
        denied: bool = False,
    ) -> None:
        if doubtful is None:
            releases = [UpdateOne(held_query(each), letting_go(each, due_at)) for each in held]
            await self._deliveries.bulk_write(releases, ordered=False)
            return
        doubts: list[UpdateOne] = []
        for each, at in zip(held, moments_before(now, len(held)), strict=True):
            first_doubt = {**held_query(each), "state": DeliveryState.PENDING.value}
            doubts.append(UpdateOne(first_doubt, {"$set": changes(DeliveryState.UNKNOWN, doubtful, at)}))
            rests = resting(each, due_at, denied=denied)
            doubts.append(UpdateOne(held_query(each), {"$set": rests, "$unset": LET_GO}))
        await self._deliveries.bulk_write(doubts, ordered=True)

    @translate_errors
    async def report(
        self, outbound_id: MessageId, state: DeliveryState, now: datetime, reason: str | None, provider_id: str
    ) -> DeliveryDocument | None:
        told_of = {} if state is DeliveryState.FAILED else {"in_parts": {"$ne": True}}
        return await self._advance({"_id": outbound_id, **told_of}, state, now, reason, provider_id)

    async def _advance(
        self, query: dict[str, Any], state: DeliveryState, now: datetime, reason: str | None, provider_id: str | None
    ) -> DeliveryDocument | None:
        known = {"provider_id": provider_id} if provider_id is not None else {}
        return await self._change(
            {**query, "state": {"$in": list(lower_than(state))}},
            {"$set": {**changes(state, reason, now), **known}, "$unset": SETTLED},
        )

    async def _change(self, query: dict[str, Any], change: dict[str, Any]) -> DeliveryDocument | None:
        after = await self._deliveries.find_one_and_update(query, change, return_document=ReturnDocument.AFTER)
        return DeliveryDocument.model_validate(after) if after else None

    @translate_errors
    async def taken(self, lane: str, provider_ids: Iterable[str], besides: MessageId) -> set[str]:
        ids = set(provider_ids)
        theirs = {"lane": {"$in": [lane, gathered(lane)]}, "_id": {"$ne": besides}}
        found = [await self._deliveries.find_one({"provider_id": each, **theirs}, {"_id": 1}) for each in ids]
        return {each for each, delivery in zip(ids, found, strict=True) if delivery is not None}

    @translate_errors
    async def unpublished(self, changed_before: datetime, limit: int = 500) -> list[DeliveryDocument]:
        return await self._many({"unpublished": True, "changed_at": {"$lt": changed_before}}, "changed_at", limit)

    @translate_errors
    async def mark_published(self, *published: DeliveryDocument) -> None:
        same = [
            {"_id": each.outbound_id, "state": each.state.value, "undecided_since": each.undecided_since, **_why(each)}
            for each in published
        ]
        if same:
            marks = [UpdateOne(query, {"$set": {"unpublished": False}}) for query in same]
            await self._deliveries.bulk_write(marks, ordered=False)

    async def _many(self, query: dict[str, Any], order: str, limit: int) -> list[DeliveryDocument]:
        found = self._deliveries.find(query).sort(order, ASCENDING).limit(limit)
        return [DeliveryDocument.model_validate(document) async for document in found]


def _why(delivery: DeliveryDocument) -> dict[str, Any]:
    """A delivery may wait for one reason after another, and for one of them again: each time is told."""
    return (
        {"reason": delivery.reason, "changed_at": delivery.changed_at}
        if delivery.state is DeliveryState.PENDING
        else {}
    )


def _all_held(held: Sequence[DeliveryDocument]) -> dict[str, Any]:
    return {"_id": {"$in": [each.outbound_id for each in held]}, "held_by": {"$in": [each.held_by for each in held]}}


def _document(delivery: DeliveryDocument) -> dict[str, Any]:
    """Blanks are left out: an absent field is what the partial and sparse indexes, and $ifNull, go by."""
    return delivery.model_dump(by_alias=True, exclude_none=True)
