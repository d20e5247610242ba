"""When a backup was last read whole and found good, for who raises the alarm when that was long ago.

    {_id: "data", taken_at, verified_at}     the last of a kind that `guichet backup nightly` made and read again
    {_id: "watched", since}                  since when somebody looks: a new town has none yet

In no backup: it tells of folders beside the store, not of what is in it.
"""

from datetime import datetime
from typing import Final, Protocol

from pymongo import IndexModel

from guichet.mongo.bulk import insert_new
from guichet.mongo.client import Database, translate_errors
from guichet.privacy.data_map.entry import SECURITY, DataMapEntry, Erasure
from guichet.privacy.data_map.retention import ForGood, Phrase

COLLECTION = "verified_backups"
INDEXES: dict[str, list[IndexModel]] = {COLLECTION: []}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="tell that backups are made and can be read",
        legal_basis=SECURITY,
        whose="nobody: dates",
        retention=(
            ForGood(
                why=Phrase("it is nobody's, and one a kind", "rien n’y est à personne, et il y en a une par sorte")
            ),
        ),
        on_erasure=Erasure.NOT_CONCERNED,
    ),
)
DATA: Final = "data"
_WATCHED: Final = "watched"


class VerifiedBackups(Protocol):
    """Every method raises TransientError while the store is away."""

    async def record(self, taken_at: datetime, verified_at: datetime) -> None:
        """Note that the backup that was made last was found good, whatever a wrong clock said of the one before."""

    async def last_taken_at(self) -> datetime | None:
        """Return of when the last one is; None where there is none."""

    async def watched_since(self, now: datetime) -> datetime:
        """Return since when somebody looks: since now, where nobody has."""


class MongoVerifiedBackups(VerifiedBackups):
    """The real one."""

    def __init__(self, database: Database) -> None:
        self._backups = database[COLLECTION]

    @translate_errors
    async def record(self, taken_at: datetime, verified_at: datetime) -> None:
        dates = {"taken_at": taken_at, "verified_at": verified_at}
        await self._backups.update_one({"_id": DATA}, {"$set": dates}, upsert=True)

    @translate_errors
    async def last_taken_at(self) -> datetime | None:
        found = await self._backups.find_one({"_id": DATA})
        return None if found is None else found["taken_at"]

    @translate_errors
    async def watched_since(self, now: datetime) -> datetime:
        await insert_new(self._backups, [{"_id": _WATCHED, "since": now}])
        found = await self._backups.find_one({"_id": _WATCHED})
        return now if found is None else found["since"]
