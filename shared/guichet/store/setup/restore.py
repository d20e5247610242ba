"""Put a backup of the data back. Nothing serves anybody before it is clean.

While data is being restored a mark lies among the vault's keys, where every opening of a key meets it at no cost, and
another among the buckets' keys, where no adapter can lay one down, so that it says whether a restore is under way:
nobody who might show a person that was erased can open anything. They go when the ledger of erasures has been applied
again.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path
from typing import Final

from guichet.mongo.client import Database, translate_errors
from guichet.mongo.dump import Beat, file_of, load
from guichet.store import catch_ups, mailbox_places, verified_backups
from guichet.store.agents import agent_mails, presence, sessions, sign_in_places, sign_in_tries
from guichet.store.audit import trail as audit
from guichet.store.deliveries import receipt_counts
from guichet.store.setup import migration_records
from guichet.store.setup.schema import STORE_FILES, prepare
from guichet.vault.keys.locked import VaultLock

NOT_BACKED_UP: Final = frozenset(
    {  # of hours, of days: counted again, and people sign in again
        agent_mails.COLLECTION,
        presence.COLLECTION,
        sessions.COLLECTION,
        sign_in_places.COLLECTION,
        sign_in_tries.COLLECTION,
        receipt_counts.COLLECTION,
        verified_backups.COLLECTION,  # of the folders beside the store
    }
)
NEVER_EMPTIED: Final = frozenset({audit.COLLECTION})  # what was recorded since stays: no service may remove an entry
# Of whether a case or a person is there.
SAYS_NOTHING: Final = NEVER_EMPTIED | {
    migration_records.COLLECTION,
    catch_ups.COLLECTION,
    mailbox_places.COLLECTION,
}


def data_collections() -> list[str]:
    """Return the collections that a data backup holds."""
    named = dict.fromkeys(name for file in STORE_FILES for name in file.INDEXES)  # some in several files
    return [name for name in named if name not in NOT_BACKED_UP]


class DataRestore:
    """database: the data's. vault: the vault's. clock: aware UTC. Every method raises TransientError."""

    def __init__(self, database: Database, vault: Database, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._lock = VaultLock(vault)
        self._clock = clock

    @translate_errors
    async def is_empty(self) -> bool:
        """Return whether no case, message, person … is there."""
        for name in data_collections():
            if name not in SAYS_NOTHING and await self._database[name].find_one({}, {"_id": 1}) is not None:
                return False
        return True

    async def is_under_way(self) -> bool:
        """Return whether one began and did not end: what is there is its own."""
        return await self._lock.is_locked_for_restore()

    async def begin(self, at: datetime) -> None:
        """From now on nobody opens anything."""
        await self._lock.lock_for_restore(at)

    @translate_errors
    async def replace(self, folder: Path, beat: Beat) -> None:
        """Put the backup in the place of what is there, then make the indexes."""
        for name in data_collections():
            if name not in NEVER_EMPTIED:
                await self._database[name].drop()
        for name in data_collections():
            if (folder / file_of(name)).exists():  # a backup of an older version lacks newer collections
                await load(self._database, name, folder, beat)
        await prepare(self._database, clock=self._clock)

    @translate_errors
    async def make_way(self, held: Collection[str]) -> None:
        """Leave nothing that an earlier version does not know; held: the collections of its backup, which it replaces.

        What no backup holds keeps its documents and loses its indexes: each version makes its own.
        """
        for name in data_collections():
            if name not in held and name not in NEVER_EMPTIED:
                await self._database[name].drop()
        indexed = {name for file in STORE_FILES for name, indexes in file.INDEXES.items() if indexes}
        for name in sorted((NOT_BACKED_UP | NEVER_EMPTIED) & indexed):
            for index in await self._database[name].index_information():
                if index != "_id_":
                    await self._database[name].drop_index(index)

    async def end(self) -> None:
        """It is clean: let everybody work."""
        await self._lock.end_restore()
