"""What a migration is given: the store, who may open what is sealed in it, the town's keys, and how far it is."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from motor.motor_asyncio import AsyncIOMotorCollection

from guichet.mongo.client import Database, connect, connect_vault
from guichet.mongo.lease import Lease
from guichet.runtime.settings import MongoSettings, OpeningSettings, SecretKey, TownSettings
from guichet.store.setup.migration_records import MigrationRecord, MigrationRecords
from guichet.town.load import load_town
from guichet.town.town import Town
from guichet.vault.keys.collections import VaultKeys
from guichet.vault.mongo_vault import MongoVault
from guichet.vault.root_key.file import RootKeyFile

BATCH: Final = 500
Document = dict[str, Any]


class MigrationSettings(MongoSettings, OpeningSettings, TownSettings):
    """The keys are the services' own: what a service will look up must be what a migration writes.

    follow_key: no service's any more; of links that were sent before docs/decisions/0015. None: there are none.
    """

    registry_key: SecretKey
    sector_key: SecretKey
    ledger_key: SecretKey
    thread_key: SecretKey
    follow_key: SecretKey | None = None


@dataclass(frozen=True)
class MigrationContext:
    """database: cases, messages, registry. vault_database: keys, ledger. vault: makes, opens and destroys keys."""

    database: Database
    vault_database: Database
    vault: MongoVault
    settings: MigrationSettings
    town: Town
    clock: Callable[[], datetime]


@asynccontextmanager
async def open_context(
    settings: MigrationSettings,
    *,
    while_restoring: bool = False,
    clock: Callable[[], datetime],
) -> AsyncIterator[MigrationContext]:
    """Connect. while_restoring: as who puts a backup back, while nobody else may open. Raises SettingsError."""
    database, vault_database = connect(settings), connect_vault(settings)
    try:
        documents = VaultKeys(vault_database, while_restoring=while_restoring, by_command=True)
        yield MigrationContext(
            database=database,
            vault_database=vault_database,
            vault=MongoVault(documents, RootKeyFile(settings.root_key_file), now=clock),
            settings=settings,
            town=load_town(settings.town),
            clock=clock,
        )
    finally:
        database.client.close()
        vault_database.client.close()


class Steps:
    """How far a migration is, durably. Every method raises TransientError, also when another process took over."""

    def __init__(
        self, record: MigrationRecord, records: MigrationRecords, lease: Lease, report: Callable[[int], None]
    ) -> None:
        self._number = record.number
        self._count = record.count
        self._place = dict(record.place)
        self._records = records
        self._lease = lease
        self._report = report

    @property
    def place(self) -> Mapping[str, Any]:
        """Return what was last kept: empty at the very beginning."""
        return self._place

    async def keep(self, count: int = 0, **place: Any) -> None:
        """Note that `count` more documents are done, and where to go on; renews the lease."""
        await self._lease.keep()
        self._count += count
        self._place |= place
        await self._records.keep(self._number, self._count, self._place)
        self._report(self._count)

    async def batches(
        self,
        part: str,
        collection: AsyncIOMotorCollection[Document],
        query: Mapping[str, Any] | None = None,
        *,
        size: int = BATCH,
        fields: Iterable[str] | None = None,
    ) -> AsyncIterator[list[Document]]:
        """Yield documents in order of `_id` (all of one type), from where the migration was stopped.

        part: the name of this walk, of its own within the migration. fields: beside `_id`; None: all. A batch counts as
        done when the next is asked for; the one in hand at a kill comes once more.
        """
        wanted = None if fields is None else {"_id": 1, **dict.fromkeys(fields, 1)}
        while True:
            await self._lease.keep()
            after = {"_id": {"$gt": self._place[part]}} if part in self._place else {}
            found = collection.find({"$and": [after, query or {}]}, wanted).sort("_id", 1).limit(size)
            batch = await found.to_list(None)
            if not batch:
                return
            yield batch
            await self.keep(len(batch), **{part: batch[-1]["_id"]})
