"""How far an adapter has caught up, in memory, as strict as the real one (one suite runs on both)."""

from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from datetime import datetime

from guichet.errors import TransientError
from guichet.ids import MessageId
from guichet.mongo.lease import Held
from guichet.store.catch_ups import CatchUps, SentMessage
from guichet_testing.twins.lease import InMemoryLease


class InMemoryCatchUps(InMemoryLease, CatchUps):
    """Twin of MongoCatchUps. there, told: what its views show; away: the store does not answer; taken: by whom else."""

    def __init__(self) -> None:
        super().__init__()
        self.away = False
        self.cursors: dict[str, datetime] = {}
        self.there: set[MessageId] = set()
        self.told: dict[str, SentMessage] = {}

    def leading(self, provider: str) -> AbstractAsyncContextManager[Held]:
        return self.leased(provider)

    async def until(self, listing: str) -> datetime | None:
        self._answer()
        return self.cursors.get(listing)

    async def advance(self, listing: str, until: datetime) -> None:
        self._answer()
        self.cursors[listing] = max(until, self.cursors.get(listing, until))

    async def taken_in(self, message_ids: Iterable[MessageId]) -> set[MessageId]:
        self._answer()
        return self.there.intersection(message_ids)

    async def sent(self, provider_ids: Iterable[str]) -> dict[str, SentMessage]:
        self._answer()
        return {each: self.told[each] for each in provider_ids if each in self.told}

    def _answer(self) -> None:
        if self.away:
            raise TransientError("the store is away")
