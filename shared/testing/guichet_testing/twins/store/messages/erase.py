"""Messages erased, in memory."""

from collections.abc import Iterable
from datetime import datetime

from guichet.ids import MessageId
from guichet.privacy.coarse_times import day_of
from guichet.store.messages.erase import MessageErasing
from guichet_testing.twins.store.messages.store import InMemoryMessageStore


class InMemoryMessageErasing(MessageErasing):
    """Twin of MongoMessageErasing, on the messages of an InMemoryMessageStore."""

    def __init__(self, messages: InMemoryMessageStore) -> None:
        self._store = messages

    async def erase(self, messages: Iterable[MessageId], at: datetime) -> None:
        self._store.answer()
        for message in messages:
            self._store.messages.pop(message, None)
            self._store.erased.setdefault(message, day_of(at))
