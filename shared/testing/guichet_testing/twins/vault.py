"""A vault in memory, as strict as the real one."""

from collections.abc import Callable, Iterable
from datetime import datetime

from guichet.clock import SystemClock
from guichet.errors import TransientError
from guichet.ids import KeyId, is_id
from guichet.vault.ports import Vault
from guichet.vault.rotation.ports import Rotation, RotationReport
from guichet.vault.sealing import DataKey, missing_key, new_data_key


class InMemoryVault(Vault):
    """Twin of MongoVault and KeyPool. away: the vault does not answer."""

    def __init__(self) -> None:
        self.away = False
        self._keys: dict[KeyId, DataKey] = {}
        self._destroyed: set[KeyId] = set()

    async def new_keys(self, count: int) -> list[DataKey]:
        self._answer()
        keys = [new_data_key() for _ in range(count)]
        self._keys.update({key.key_id: key for key in keys})
        return keys

    async def open_keys(self, key_ids: Iterable[KeyId]) -> dict[KeyId, DataKey]:
        self._answer()
        asked = set(key_ids) - self._destroyed
        return {key_id: self._keys.get(key_id) or missing_key(key_id) for key_id in asked}

    async def destroy_keys(self, key_ids: Iterable[KeyId]) -> None:
        self._answer()
        self._destroyed.update(filter(is_id, key_ids))
        for key_id in self._destroyed & self._keys.keys():
            del self._keys[key_id]

    def _answer(self) -> None:
        if self.away:
            raise TransientError("the vault is away")


class InMemoryRotation(Rotation):
    """Twin of VaultRotation for who asks for rotations. away: nothing answers. done: a report for each."""

    def __init__(self, now: Callable[[], datetime] = SystemClock().now) -> None:
        self.away = False
        self.done: list[RotationReport] = []
        self._now = now

    async def run(self) -> RotationReport:
        if self.away:
            raise TransientError("another process rotates the keys of the vault")
        generation = len(self.done) + 2
        self.done.append(RotationReport(generation, began_at=self._now(), ended_at=self._now(), buckets=0, keys=0))
        return self.done[-1]
