"""A vault in memory, as strict as the real one."""

from collections.abc import Iterable

from guichet.errors import TransientError
from guichet.ids import KeyId
from guichet.privacy.sealing import DataKey, new_data_key


class InMemoryVault:
    """Twin of MongoVault and KeyPool. away: the vault does not answer."""

    def __init__(self) -> None:
        self.away = False
        self._keys: dict[KeyId, DataKey] = {}

    async def new_keys(self, count: int) -> list[DataKey]:
        """See KeySource."""
        self._answer()
        keys = [new_data_key() for _ in range(count)]
        self._keys.update({key.key_id: key for key in keys})
        return keys

    async def open_keys(self, key_ids: Iterable[KeyId]) -> dict[KeyId, DataKey]:
        """See KeyOpener."""
        self._answer()
        return {key_id: self._keys[key_id] for key_id in key_ids if key_id in self._keys}

    async def destroy_keys(self, key_ids: Iterable[KeyId]) -> None:
        """See Vault."""
        self._answer()
        for key_id in key_ids:
            self._keys.pop(key_id, None)

    def _answer(self) -> None:
        if self.away:
            raise TransientError("the vault is away")
