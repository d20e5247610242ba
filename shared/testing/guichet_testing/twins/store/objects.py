"""An object store in memory, as strict as the real one."""

from collections.abc import AsyncIterator
from datetime import datetime

from guichet.clock import SystemClock
from guichet.errors import TransientError
from guichet.store.objects import ListedObjects, checked_key, no_such_object, overwritten


class InMemoryObjects(ListedObjects):
    """Twin of ObstoreObjects. away: the store does not answer. put_at: when each object was put."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.put_at: dict[str, datetime] = {}
        self.away = False

    async def put(self, key: str, content: bytes) -> None:
        self._answer()
        if self.objects.setdefault(checked_key(key), bytes(content)) != content:
            raise overwritten(key)
        self.put_at.setdefault(key, SystemClock().now())

    async def get(self, key: str) -> bytes:
        self._answer()
        if checked_key(key) not in self.objects:
            raise no_such_object(key)
        return self.objects[key]

    async def delete(self, key: str) -> None:
        self._answer()
        self.objects.pop(checked_key(key), None)
        self.put_at.pop(key, None)

    async def all_keys(self) -> AsyncIterator[str]:
        self._answer()
        for key in list(self.objects):
            yield key

    async def put_before(self, moment: datetime) -> AsyncIterator[str]:
        async for key in self.all_keys():
            if self.put_at[key] < moment:
                yield key

    def _answer(self) -> None:
        if self.away:
            raise TransientError("the object store is away")
