"""The key store, by role: who makes keys, who opens them, who destroys them.

    KeySource   adapters, portal: make and use keys, read none back   KeyPool (guichet.vault.pool)
    KeyOpener   who may read personal data
    SearchKeys  search-indexer: makes and opens its files' keys       MongoSearchKeys (guichet.vault.search_keys)
    Vault       router, notifier, desk, gdpr-worker, command          MongoVault (guichet.vault.mongo_vault)

Twin of both: guichet_testing.twins.vault.InMemoryVault.
"""

from collections.abc import Iterable
from typing import Protocol

from guichet.ids import KeyId
from guichet.vault.sealing import DataKey


class KeySource(Protocol):
    """Where fresh keys come from."""

    async def new_keys(self, count: int) -> list[DataKey]:
        """Return `count` keys that the vault holds durably. One per thing that can be erased alone.

        A key that is never used is harmless. Raises TransientError while the vault is away.
        """


class KeyOpener(Protocol):
    """Who reads keys back."""

    async def open_keys(self, key_ids: Iterable[KeyId]) -> dict[KeyId, DataKey]:
        """Return the living keys among these, in one go.

        A key missing from the answer was destroyed: the thing counts as erased. One that was never held opens nothing
        (KeyMissingError): the vault was lost, or is another. Raises TransientError.
        """


class Vault(KeySource, KeyOpener, Protocol):
    """The whole key store."""

    async def destroy_keys(self, key_ids: Iterable[KeyId]) -> None:
        """Destroy keys for good; one that is already destroyed or was never held stays so. Raises TransientError."""
