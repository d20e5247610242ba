"""What the vault's database holds. Made in a deploy step (`guichet vault init`), never by a service."""

from types import ModuleType

from guichet.mongo.client import Database
from guichet.mongo.prepare import make_collections
from guichet.vault import search_keys
from guichet.vault.erasure_ledger import ledger
from guichet.vault.keys import collections, second_copy
from guichet.vault.rotation import records

VAULT_FILES: tuple[ModuleType, ...] = (ledger, records, collections, second_copy, search_keys)
"""Each says what it needs in INDEXES and DATA_MAP, as guichet.store.setup.schema describes."""


async def prepare_vault(database: Database) -> None:
    """Make what is missing in the vault's database. Raises TransientError."""
    await make_collections(database, VAULT_FILES, {})


def vault_collections() -> list[str]:
    """Return the names of the collections that a copy of the vault holds: all but what it says of a copy."""
    return [name for file in VAULT_FILES for name in file.INDEXES if name != second_copy.COLLECTION]
