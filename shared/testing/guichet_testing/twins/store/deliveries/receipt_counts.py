"""Counts of receipts in memory, as strict as the real ones (one suite runs on both)."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime

from guichet.errors import TransientError
from guichet.mongo.lease import Held
from guichet.store.deliveries.receipt_counts import Counted, ReceiptCounts
from guichet_testing.twins.lease import InMemoryLease


class InMemoryReceiptCounts(InMemoryLease, ReceiptCounts):
    """Twin of MongoReceiptCounts. away: the store does not answer; taken: the lanes that somebody sends for."""

    def __init__(self) -> None:
        super().__init__()
        self.away = False
        self.counts: dict[str, set[str]] = {}

    async def past(self, receipts: Sequence[Counted], ceiling: int, ends_at: datetime) -> frozenset[int]:  # noqa: ARG002
        if self.away:
            raise TransientError("the counts are away")
        return frozenset(place for place, each in enumerate(receipts) if not self._counts(each, ceiling))

    def _counts(self, receipt: Counted, ceiling: int) -> bool:
        counted = self.counts.setdefault(receipt.recipient, set())
        if receipt.receipt not in counted and len(counted) >= ceiling:
            return False
        counted.add(receipt.receipt)
        return True

    def gathering(self, lane: str) -> AbstractAsyncContextManager[Held]:
        return self.leased(lane)
