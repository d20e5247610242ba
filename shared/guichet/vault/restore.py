"""Put a backup of the vault back, or its second copy, and say beforehand whether the root keys at hand open it."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from guichet.errors import PermanentError, TransientError
from guichet.mongo.client import Database, translate_errors
from guichet.mongo.dump import Beat, load_documents
from guichet.vault.copy.folder import CopyFolder
from guichet.vault.copy.record import CopyRecord
from guichet.vault.keys.collections import BUCKET_KEYS, KEYS, LAST_DESTROYED, OPENING_KEYS, RESTORING, SEALING_KEYS
from guichet.vault.keys.documents import BucketKey, OpeningKey
from guichet.vault.restore_source import VaultSource, candidate_in, check_whole
from guichet.vault.root_key.file import read_root_keys
from guichet.vault.rotation.plan import open_found
from guichet.vault.schema import prepare_vault, vault_collections


def check_opens(source: VaultSource, roots: Mapping[int, bytes]) -> None:
    """Raise PermanentError unless these root keys open it."""
    kept = (dict(each) for each in source.documents(BUCKET_KEYS))
    buckets = [BucketKey.model_validate(each) for each in kept if each["_id"] != RESTORING]
    pairs = [OpeningKey.model_validate(dict(each)) for each in source.documents(OPENING_KEYS)]
    try:
        open_found(buckets, pairs, roots)
    except TransientError as exc:
        needed = sorted({key.root for key in buckets} | {key.root for key in pairs})
        raise PermanentError(
            f"This backup lies under root key {', '.join(map(str, needed))}, the root-key file has "
            f"{', '.join(map(str, sorted(roots)))}: a rotation has made it worthless. Restore the newest."
        ) from exc


def read_backup(folder: Path, *, root_key_file: Path) -> None:
    """Raise PermanentError unless what is there could be restored with the root keys of this file."""
    candidate = candidate_in(folder)
    check_whole(candidate, lambda _name: None)
    check_opens(candidate.source, read_root_keys(root_key_file))


class VaultRestore:
    """database: the vault's. Every method raises TransientError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @translate_errors
    async def is_empty(self) -> bool:
        """Return whether the vault was never initialised, or is lost."""
        return await self._database[OPENING_KEYS].find_one({}) is None

    @translate_errors
    async def last_destroyed(self) -> datetime | None:
        """Return when a key was last destroyed, as far as this vault knows."""
        found = await self._database[KEYS].find_one({"_id": LAST_DESTROYED})
        return None if found is None else found["at"]

    @translate_errors
    async def count_keys(self) -> int:
        """Return how many keys and names of destroyed ones the vault holds."""
        return await self._database[KEYS].estimated_document_count()

    @translate_errors
    async def replace(self, source: VaultSource, beat: Beat, *, copy: Path | None) -> None:
        """Put a backup in the place of living keys and what wraps them.

        What this vault knows to be destroyed stays so, and its ledger of erasures stays: both are newer. The public
        half comes last, so that no adapter seals to a pair that is not there. copy: the folder of the second copy that
        the vault is to have. One that was emptied does not know of it, and keys would be used that no copy holds.
        """
        await prepare_vault(self._database)
        record = CopyRecord(self._database)
        if copy is not None:
            await record.expect()
        await record.restored(None if copy is None else CopyFolder(copy).known_id())
        for name in (SEALING_KEYS, BUCKET_KEYS, OPENING_KEYS):
            await self._database[name].delete_many({"_id": {"$ne": RESTORING}})  # a restore of data goes on
        await self._database[KEYS].delete_many({"form": {"$exists": True}})
        for name in sorted(vault_collections(), key=SEALING_KEYS.__eq__):
            await load_documents(self._database, name, source.documents(name), beat)
