"""Deliveries in memory, as strict as the real ones (one suite runs on both)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from guichet.contracts.delivery import DeliveryState
from guichet.errors import TransientError
from guichet.ids import CaseId, EventId, MessageId
from guichet.privacy.coarse_times import moments_before
from guichet.store.deliveries.document import (
    CAP_REACHED,
    NEVER,
    OPEN,
    DeliveryDocument,
    Redirection,
    gathered,
    held_copy,
    lower_than,
    once_gathered,
)
from guichet.store.deliveries.store import Deliveries
from guichet.store.deliveries.writes import resting

_LET_GO: Final = {"held_by": None, "held_until": None}
_SETTLED: Final = {**_LET_GO, "unsettled_since": None, "undecided_since": None}


class InMemoryDeliveries(Deliveries):
    """Twin of MongoDeliveries. away: the store does not answer. store_clock: by which leases end."""

    def __init__(self, store_clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.away = False
        self.store_clock = store_clock
        self._all: dict[MessageId, DeliveryDocument] = {}

    async def insert_new(self, *deliveries: DeliveryDocument) -> frozenset[MessageId]:
        self._answer()
        return frozenset(
            each.outbound_id for each in deliveries if self._all.setdefault(each.outbound_id, each) is not each
        )

    async def of_case(self, case: CaseId) -> list[DeliveryDocument]:
        self._answer()
        return sorted((each for each in self._all.values() if each.case_id == case), key=lambda each: each.requested_at)

    async def claim(self, lane: str, token: str, now: datetime, hold: timedelta, most: int) -> list[DeliveryDocument]:
        self._answer()
        before = sorted(self._due(lane, now), key=lambda each: each.due_at)[:most]
        held = [held_copy(each, token) for each in before]
        until = {"held_until": self.store_clock() + hold}
        self._all.update({each.outbound_id: each.model_copy(update=until) for each in held})
        return held

    async def begin(self, held: Sequence[DeliveryDocument], now: datetime, hold: timedelta) -> frozenset[MessageId]:
        self._answer()
        still = [each for each in held if self._holds(each) and not self._is_free(self._all[each.outbound_id])]
        for each in still:
            current, until = self._all[each.outbound_id], self.store_clock() + hold
            begun = {"copies": current.copies + 1, "unsettled_since": current.unsettled_since or now}
            self._all[each.outbound_id] = current.model_copy(update={**begun, "held_until": until})
        return frozenset(each.outbound_id for each in still)

    async def keep(self, held: Sequence[DeliveryDocument], hold: timedelta) -> None:
        for each in filter(self._holds, held):
            self._change_held(each, held_until=self.store_clock() + hold)

    async def postpone(self, held: DeliveryDocument, due_at: datetime) -> None:
        names = ("copies", "tried_for", "put_off_at", "bugs", "unsettled_since")
        self._change_held(held, **_LET_GO, due_at=due_at, **{name: getattr(held, name) for name in names})

    async def advance(self, held: DeliveryDocument, now: datetime) -> None:
        if self._all[held.outbound_id].parts_sent == held.parts_sent:
            anew = {"attempts": 0, "copies": 0, "tried_for": 0, "bugs": 0, "state": DeliveryState.PENDING}
            onward = {"due_at": now, "parts_sent": held.parts_sent + 1, "put_off_at": None}
            self._change_held(held, **onward, **anew, **_SETTLED)

    async def doubt(
        self, held: DeliveryDocument, reason: str, now: datetime, due_at: datetime, *, denied: bool = False
    ) -> DeliveryDocument | None:
        rests = {**_LET_GO, **resting(held, due_at, denied=denied)}
        if self._all[held.outbound_id].state is DeliveryState.PENDING:
            doubted = {"state": DeliveryState.UNKNOWN, "reason": reason, "changed_at": now, "unpublished": True}
            return self._change_held(held, **rests, **doubted)
        self._change_held(held, **rests)
        return None

    async def leave_undecided(self, held: Sequence[DeliveryDocument], now: datetime, reason: str) -> None:
        self._answer()
        for each, at in zip(held, moments_before(now, len(held)), strict=True):
            if self._holds(each) and self._all[each.outbound_id].state in OPEN:
                doubted = {"state": DeliveryState.UNKNOWN, "reason": reason, "changed_at": at, "unpublished": True}
                parked = {"undecided_since": at, "due_at": NEVER, "lane": once_gathered(each.lane)}
                self._change_held(each, **_LET_GO, **doubted, **parked)

    async def conclude(
        self, held: DeliveryDocument, state: DeliveryState, now: datetime, reason: str | None, provider_id: str | None
    ) -> DeliveryDocument | None:
        self._answer()
        if state is not DeliveryState.SENT and self._all[held.outbound_id].held_by != held.held_by:
            return None
        return self._advance(held.outbound_id, state, now, reason, provider_id)

    async def gather(self, held: DeliveryDocument, due_at: datetime) -> None:
        parked = {"lane": gathered(held.lane), "due_at": due_at, "attempts": 0}
        self._change_held(held, **parked, **_SETTLED)

    async def wait_for_room(self, held: DeliveryDocument, now: datetime, due_at: datetime) -> DeliveryDocument | None:
        current = self._all[held.outbound_id]
        is_news = current.state is DeliveryState.PENDING and current.reason != CAP_REACHED and self._holds(held)
        await self.postpone(held, due_at)
        if not is_news:
            return None
        told = {"reason": CAP_REACHED, "changed_at": now, "unpublished": True}
        self._all[held.outbound_id] = self._all[held.outbound_id].model_copy(update=told)
        return self._all[held.outbound_id]

    async def redirect(
        self, held: DeliveryDocument, onto: Redirection, reason: str, now: datetime
    ) -> DeliveryDocument | None:
        self._answer()
        current = self._all[held.outbound_id]
        refused = onto.mail_refused and current.copies <= 1
        may_have_left = not refused and (current.copies or current.unsettled_since)
        if may_have_left or current.parts_sent or current.state is not DeliveryState.PENDING:
            return None
        anew = {"due_at": now, "attempts": 0, "bugs": 0, "tried_for": 0, "copies": 0, "put_off_at": None, **_SETTLED}
        told = {"reason": reason, "changed_at": now, "unpublished": True}
        return self._change_held(held, **asdict(onto), **anew, **told)

    async def hand_on(self, failed: MessageId, goes_on_as: MessageId) -> None:
        self._answer()
        current = self._all.get(failed)
        if current is not None and current.state is DeliveryState.FAILED:
            self._all[failed] = current.model_copy(update={"goes_on_as": goes_on_as, "overdue_at": None})

    async def waits_for_room(self, lane: str) -> bool:
        self._answer()
        of_lane = [each for each in self._all.values() if once_gathered(each.lane) == lane]
        return any(each.state is DeliveryState.PENDING and each.reason == CAP_REACHED for each in of_lane)

    async def has_due(self, lane: str, now: datetime) -> bool:
        self._answer()
        return bool(self._due(lane, now))

    async def conclude_together(
        self, held: Sequence[DeliveryDocument], state: DeliveryState, now: datetime, reason: str | None = None
    ) -> int:
        self._answer()
        moved = 0
        for each, at in zip(held, moments_before(now, len(held)), strict=True):
            if state is not DeliveryState.SENT and not self._holds(each):
                continue
            if self._advance(each.outbound_id, state, at, reason, each.provider_id):
                plain = {"lane": once_gathered(each.lane), "due_at": each.requested_at}
                self._all[each.outbound_id] = self._all[each.outbound_id].model_copy(update=plain)
                moved += 1
        return moved

    async def release_together(
        self,
        held: Sequence[DeliveryDocument],
        now: datetime,
        due_at: datetime,
        *,
        doubtful: str | None = None,
        denied: bool = False,
    ) -> None:
        self._answer()
        for each, at in zip(held, moments_before(now, len(held)), strict=True):
            if not self._holds(each):
                continue
            if doubtful is not None:
                await self.doubt(each, doubtful, at, due_at, denied=denied)
            else:
                await self.postpone(each, due_at)

    async def report(
        self, outbound_id: MessageId, state: DeliveryState, now: datetime, reason: str | None, provider_id: str
    ) -> DeliveryDocument | None:
        self._answer()
        current = self._all.get(outbound_id)
        if current is not None and current.in_parts and state is not DeliveryState.FAILED:
            return None
        return self._advance(outbound_id, state, now, reason, provider_id)

    async def taken(self, lane: str, provider_ids: Iterable[str], besides: MessageId) -> set[str]:
        self._answer()
        of_account = [each for each in self._all.values() if once_gathered(each.lane) == lane]
        others = [each for each in of_account if each.outbound_id != besides]
        return {each.provider_id for each in others if each.provider_id} & {*provider_ids}

    async def unpublished(self, changed_before: datetime, limit: int = 500) -> list[DeliveryDocument]:
        self._answer()
        waiting = [each for each in self._all.values() if each.unpublished and each.changed_at < changed_before]
        return sorted(waiting, key=lambda each: each.changed_at)[:limit]

    async def mark_published(self, *published: DeliveryDocument) -> None:
        self._answer()
        for each in published:
            current = self._all[each.outbound_id]
            if (current.state, current.undecided_since, _why(current)) == (
                each.state,
                each.undecided_since,
                _why(each),
            ):
                self._all[each.outbound_id] = current.model_copy(update={"unpublished": False})

    def everything(self) -> list[DeliveryDocument]:
        """Return all of them, for the twins that read the same collection. Raises TransientError."""
        self._answer()
        return [*self._all.values()]

    def decided(
        self,
        outbound_id: MessageId,
        decision: EventId,
        change: dict[str, Any],
        waits: Callable[[DeliveryDocument], bool] = lambda each: each.undecided_since is not None,
    ) -> DeliveryDocument | None:
        """Change one that waits for it, once for each decision. Raises TransientError."""
        self._answer()
        current = self._all.get(outbound_id)
        if current is None or not waits(current) or decision in current.decisions:
            return None
        forgotten = {**_SETTLED, "put_off_at": None, "decisions": (*current.decisions, decision)}
        self._all[outbound_id] = current.model_copy(update={**change, **forgotten})
        return self._all[outbound_id]

    def _advance(
        self, outbound_id: MessageId, state: DeliveryState, now: datetime, reason: str | None, provider_id: str | None
    ) -> DeliveryDocument | None:
        current = self._all.get(outbound_id)
        if current is None or current.state not in lower_than(state):
            return None
        change = {"state": state, "reason": reason, "changed_at": now, "unpublished": True}
        known = {"provider_id": provider_id or current.provider_id}
        self._all[outbound_id] = current.model_copy(update={**change, **known, **_SETTLED})
        return self._all[outbound_id]

    def _change_held(self, held: DeliveryDocument, **change: object) -> DeliveryDocument | None:
        self._answer()
        current = self._all[held.outbound_id]
        if current.held_by != held.held_by:
            return None
        self._all[held.outbound_id] = current.model_copy(update=change)
        return self._all[held.outbound_id]

    def _due(self, lane: str, now: datetime) -> list[DeliveryDocument]:
        there = [each for each in self._all.values() if each.lane == lane and each.state in OPEN and each.due_at <= now]
        return [each for each in there if self._is_free(each)]

    def _is_free(self, delivery: DeliveryDocument) -> bool:
        return delivery.held_until is None or delivery.held_until <= self.store_clock()

    def _holds(self, held: DeliveryDocument) -> bool:
        current = self._all.get(held.outbound_id)
        return current is not None and current.held_by == held.held_by

    def _answer(self) -> None:
        if self.away:
            raise TransientError("the deliveries are away")


def _why(delivery: DeliveryDocument) -> tuple[str | None, datetime] | None:
    return (delivery.reason, delivery.changed_at) if delivery.state is DeliveryState.PENDING else None
