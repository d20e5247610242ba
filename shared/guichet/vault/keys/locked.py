"""Lock a vault as a restore does, so that no process opens a key: with the mark that every opening meets at no cost."""

from datetime import datetime

from guichet.mongo.bulk import insert_new
from guichet.mongo.client import Database, translate_errors
from guichet.vault.keys.collections import BUCKET_KEYS, KEYS, RESTORING

_OLDER = "older"  # why: a restore's own mark has no such field, and only a restore takes that away


class VaultLock:
    """database: the vault's. Every method raises TransientError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @translate_errors
    async def lock(self) -> None:
        """From now on nobody opens anything, and no adapter lays a key down."""
        for name in (BUCKET_KEYS, KEYS):
            await insert_new(self._database[name], [{"_id": RESTORING, _OLDER: True}])

    @translate_errors
    async def is_locked(self) -> bool:
        """Return whether it is, for this or by a restore; by the mark that no adapter could have put there."""
        return await self._database[BUCKET_KEYS].find_one({"_id": RESTORING}, {"_id": 1}) is not None

    @translate_errors
    async def unlock(self) -> None:
        """Take away what `lock` put there; what a restore put there stays."""
        for name in (KEYS, BUCKET_KEYS):
            await self._database[name].delete_one({"_id": RESTORING, _OLDER: True})

    @translate_errors
    async def lock_for_restore(self, at: datetime) -> None:
        """Lock it for a restore, which alone opens it again; one that is locked already is open at no moment.

        The mark that says so comes last: killed before it, no restore has begun.
        """
        for name in (KEYS, BUCKET_KEYS):
            marks = {"$set": {"since": at}, "$unset": {_OLDER: ""}}
            await self._database[name].update_one({"_id": RESTORING}, marks, upsert=True)

    @translate_errors
    async def is_locked_for_restore(self) -> bool:
        """Look where no adapter may write: a third party's host could have a restore replace what is there, unasked."""
        mark = {"_id": RESTORING, _OLDER: {"$exists": False}}
        return await self._database[BUCKET_KEYS].find_one(mark) is not None

    @translate_errors
    async def end_restore(self) -> None:
        """Let everybody open keys. The mark that says that there is a restore goes first."""
        for name in (BUCKET_KEYS, KEYS):
            await self._database[name].delete_one({"_id": RESTORING})
