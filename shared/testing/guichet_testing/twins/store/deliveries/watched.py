"""What is watched and decided of deliveries in memory, as strict as the real ones (one suite runs on both)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from guichet.contracts.delivery import DeliveryState, Purpose
from guichet.ids import CaseId, EventId, MessageId
from guichet.store.deliveries.decisions import BY_AN_AGENT, NOT_ELECTRONIC, DeliveryDecisions
from guichet.store.deliveries.document import LEFT, LEGAL_RECEIPTS, NOT_LEFT, DeliveryDocument
from guichet.store.deliveries.watched import Position, Watched, WatchedDeliveries, makes_up_for
from guichet_testing.twins.store.deliveries.store import InMemoryDeliveries


class InMemoryWatchedDeliveries(WatchedDeliveries):
    """Twin of MongoWatchedDeliveries, of those in `deliveries`."""

    def __init__(self, deliveries: InMemoryDeliveries) -> None:
        self._deliveries = deliveries

    async def overdue(self, now: datetime, after: Position | None, limit: int) -> list[Watched]:
        everything = [*self._deliveries.everything()]
        left: dict[CaseId, dict[Purpose, datetime]] = defaultdict(dict)
        for each in everything:
            if each.state in LEFT and each.purpose in (Purpose.REPLY, Purpose.ARE):
                known = left[each.case_id]
                known[each.purpose] = max(each.requested_at, known.get(each.purpose, each.requested_at))
        return _page(
            (
                Watched(
                    Position(each.overdue_at, each.outbound_id),
                    each.case_id,
                    not makes_up_for(each.purpose, each.state, each.requested_at, left.get(each.case_id, {})),
                )
                for each in everything
                if each.purpose in LEGAL_RECEIPTS
                and each.state in NOT_LEFT
                and each.overdue_at
                and each.overdue_at <= now
            ),
            after,
            limit,
        )

    async def undecided(self, after: Position | None, limit: int) -> list[Watched]:
        return _page(
            (
                Watched(Position(each.undecided_since, each.outbound_id), each.case_id)
                for each in self._deliveries.everything()
                if each.undecided_since
            ),
            after,
            limit,
        )


class InMemoryDeliveryDecisions(DeliveryDecisions):
    """Twin of MongoDeliveryDecisions, about those in `deliveries`."""

    def __init__(self, deliveries: InMemoryDeliveries) -> None:
        self._deliveries = deliveries

    async def received(self, outbound_id: MessageId, decision: EventId, now: datetime) -> DeliveryDocument | None:
        told = {"changed_at": now, "unpublished": True}
        return self._decide(outbound_id, decision, state=DeliveryState.DELIVERED, reason=BY_AN_AGENT, **told)

    async def send_again(self, outbound_id: MessageId, decision: EventId, now: datetime) -> DeliveryDocument | None:
        anew = {"attempts": 0, "copies": 0, "tried_for": 0, "bugs": 0, "state": DeliveryState.PENDING, "reason": None}
        return self._decide(outbound_id, decision, **anew, due_at=now, unpublished=False)

    async def posted(self, outbound_id: MessageId, decision: EventId, now: datetime) -> DeliveryDocument | None:
        change = {"state": DeliveryState.SENT, "reason": None, "changed_at": now, "unpublished": True}
        return self._deliveries.decided(outbound_id, decision, change, _is_on_paper)

    def _decide(self, outbound_id: MessageId, decision: EventId, **change: Any) -> DeliveryDocument | None:
        return self._deliveries.decided(outbound_id, decision, change)


def _is_on_paper(each: DeliveryDocument) -> bool:
    is_withheld = each.state is DeliveryState.WITHHELD and each.reason == NOT_ELECTRONIC
    return is_withheld and each.purpose is Purpose.REPLY


def _page(watched: Iterable[Watched], after: Position | None, limit: int) -> list[Watched]:
    newest_first = sorted(watched, key=lambda each: each.position, reverse=True)
    return [each for each in newest_first if after is None or each.position < after][:limit]
