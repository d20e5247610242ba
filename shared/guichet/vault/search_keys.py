"""The keys of search files: who keeps the files makes and opens these, and can destroy none (docs/decisions/0065).

It notes which ones open nothing that counts any more, and gdpr-worker, which destroys keys, destroys those. So a
search-indexer that was taken over ends nothing else: what is destroyed on its word has the id of a search file's key,
which nothing else is sealed under.

    {_id: <key id>}     a key that was given up, until it is destroyed
"""

from collections.abc import Iterable
from typing import Final, Protocol

from pymongo import IndexModel

from guichet.ids import KeyId
from guichet.mongo.bulk import find_all, insert_new
from guichet.mongo.client import Database, translate_errors
from guichet.privacy.data_map.entry import SECURITY, DataMapEntry, Erasure
from guichet.privacy.data_map.retention import Executor, Phrase, Until
from guichet.vault.keys.collections import KEYS
from guichet.vault.keys.wrapping import OF_A_SEARCH_FILE
from guichet.vault.mongo_vault import MongoVault
from guichet.vault.ports import KeyOpener
from guichet.vault.sealing import DataKey

AT_ONCE: Final = 1_000  # keys that are destroyed in one round
COLLECTION = "former_search_keys"
INDEXES: dict[str, list[IndexModel]] = {COLLECTION: []}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="vault-collection",
        name=COLLECTION,
        purpose="have the former keys of search files destroyed",
        legal_basis=SECURITY,
        whose="nobody: ids of keys",
        retention=(Until(event=Phrase("the key is destroyed", "la clé soit détruite"), by=Executor.SEARCH_KEYS),),
        on_erasure=Erasure.NOT_CONCERNED,
    ),
)


class SearchKeys(KeyOpener, Protocol):
    """For who keeps search files. Every method raises TransientError."""

    async def new_search_key(self) -> DataKey:
        """Return a new key that the vault holds durably."""

    async def living_search_keys(self) -> frozenset[KeyId]:
        """Return every search file's key that is not destroyed."""

    async def give_up(self, keys: Iterable[KeyId]) -> None:
        """Note that these are to be destroyed."""


class GivenUpKeys(Protocol):
    """For who destroys keys. Every method raises TransientError."""

    async def given_up(self) -> frozenset[KeyId]:
        """Return what was noted: by who keeps search files, or by whoever took its place."""

    async def forget(self, keys: Iterable[KeyId]) -> None:
        """Forget what is done."""


class MongoSearchKeys(SearchKeys):
    """The keys of search files in MongoDB. vault, database: of the same vault."""

    def __init__(self, vault: MongoVault, database: Database) -> None:
        self._vault = vault
        self._keys = database[KEYS]
        self._given_up = database[COLLECTION]

    async def new_search_key(self) -> DataKey:
        return await self._vault.new_search_key()

    async def open_keys(self, key_ids: Iterable[KeyId]) -> dict[KeyId, DataKey]:
        return await self._vault.open_keys(key_ids)

    @translate_errors
    async def living_search_keys(self) -> frozenset[KeyId]:
        query = {"_id": {"$gte": OF_A_SEARCH_FILE, "$lt": f"{OF_A_SEARCH_FILE}g"}, "destroyed_at": {"$exists": False}}
        return frozenset([KeyId(document["_id"]) for document in await find_all(self._keys, query, ())])

    @translate_errors
    async def give_up(self, keys: Iterable[KeyId]) -> None:
        await insert_new(self._given_up, [{"_id": key} for key in keys])


class MongoGivenUpKeys(GivenUpKeys):
    """What was noted, in MongoDB. database: the vault's."""

    def __init__(self, database: Database) -> None:
        self._given_up = database[COLLECTION]

    @translate_errors
    async def given_up(self) -> frozenset[KeyId]:
        noted = self._given_up.find({"_id": {"$type": "string"}}, {"_id": 1}).limit(AT_ONCE)  # whoever notes may err
        return frozenset([KeyId(document["_id"]) async for document in noted])

    @translate_errors
    async def forget(self, keys: Iterable[KeyId]) -> None:
        await self._given_up.delete_many({"_id": {"$in": [*keys]}})
