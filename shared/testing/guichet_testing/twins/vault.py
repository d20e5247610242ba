"""A vault in memory, as strict as the real one."""

from collections.abc import Callable, Iterable
from datetime import datetime

from guichet.clock import SystemClock
from guichet.errors import TransientError
from guichet.ids import KeyId, is_id
from guichet.vault.keys.wrapping import is_search_key, new_search_key
from guichet.vault.ports import Vault
from guichet.vault.rotation.ports import Rotation, RotationReport
from guichet.vault.sealing import DataKey, missing_key, new_data_key
from guichet.vault.search_keys import GivenUpKeys, SearchKeys


class InMemoryVault(Vault):
    """Twin of MongoVault and KeyPool. away: the vault does not answer."""

    def __init__(self) -> None:
        self.away = False
        self._keys: dict[KeyId, DataKey] = {}
        self._destroyed: set[KeyId] = set()

    async def new_keys(self, count: int) -> list[DataKey]:
        return self.hold(new_data_key() for _ in range(count))

    def hold(self, keys: Iterable[DataKey]) -> list[DataKey]:
        """Keep keys."""
        self._answer()
        made = [*keys]
        self._keys.update({key.key_id: key for key in made})
        return made

    async def open_keys(self, key_ids: Iterable[KeyId]) -> dict[KeyId, DataKey]:
        self._answer()
        asked = set(key_ids) - self._destroyed
        return {key_id: self._keys.get(key_id) or missing_key(key_id) for key_id in asked}

    async def destroy_keys(self, key_ids: Iterable[KeyId]) -> None:
        self._answer()
        self._destroyed.update(filter(is_id, key_ids))
        for key_id in self._destroyed & self._keys.keys():
            del self._keys[key_id]

    @property
    def living(self) -> frozenset[KeyId]:
        """Return every key that is not destroyed."""
        self._answer()
        return frozenset(self._keys)

    def _answer(self) -> None:
        if self.away:
            raise TransientError("the vault is away")


class InMemorySearchKeys(SearchKeys, GivenUpKeys):
    """Twin of MongoSearchKeys and MongoGivenUpKeys, on the keys of a vault's twin."""

    def __init__(self, vault: InMemoryVault) -> None:
        self._vault = vault
        self.noted: set[KeyId] = set()

    async def new_search_key(self) -> DataKey:
        [key] = self._vault.hold([new_search_key()])
        return key

    async def open_keys(self, key_ids: Iterable[KeyId]) -> dict[KeyId, DataKey]:
        return await self._vault.open_keys(key_ids)

    async def living_search_keys(self) -> frozenset[KeyId]:
        return frozenset(filter(is_search_key, self._vault.living))

    async def give_up(self, keys: Iterable[KeyId]) -> None:
        await self._vault.open_keys([])
        self.noted.update(keys)

    async def given_up(self) -> frozenset[KeyId]:
        await self._vault.open_keys([])
        return frozenset(self.noted)

    async def forget(self, keys: Iterable[KeyId]) -> None:
        await self._vault.open_keys([])
        self.noted.difference_update(keys)


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
