"""How far mailboxes have been read, in memory, as strict as the real one (one suite runs on both)."""

from contextlib import AbstractAsyncContextManager
from dataclasses import replace

from guichet.errors import TransientError
from guichet.mongo.lease import Held
from guichet.store.mailbox_places import MailboxPlaces, Place
from guichet_testing.twins.lease import InMemoryLease


class InMemoryMailboxPlaces(InMemoryLease, MailboxPlaces):
    """Twin of MongoMailboxPlaces. away: the store does not answer; taken: by whom else."""

    def __init__(self) -> None:
        super().__init__()
        self.away = False
        self.places: dict[str, Place] = {}
        self.tokens: dict[str, bytes] = {}

    def leading(self, account: str) -> AbstractAsyncContextManager[Held]:
        self._answer()
        return self.leased(account)

    async def find(self, account: str) -> Place | None:
        self._answer()
        return self.places.get(account)

    async def begin(self, account: str, place: Place, instead_of: Place | None) -> None:
        self._answer()
        before = self.places.get(account)
        if (before and before.validity) != (instead_of and instead_of.validity):
            raise TransientError("another process was first")
        self.places[account] = place

    async def advance(self, account: str, place: Place) -> None:
        self._answer()
        known = self.places.get(account)
        if known is not None and known.validity == place.validity:
            dates = [date for date in (known.newest, place.newest) if date is not None]
            self.places[account] = replace(known, uid=max(known.uid, place.uid), newest=max(dates, default=None))

    async def token(self, account: str) -> bytes | None:
        self._answer()
        return self.tokens.get(account)

    async def keep_token(self, account: str, sealed: bytes) -> None:
        self._answer()
        self.tokens[account] = sealed

    def _answer(self) -> None:
        if self.away:
            raise TransientError("the store is away")
