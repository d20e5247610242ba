"""Which migrations this store has been through, and how far the one is that runs. See guichet.migrations.

    {_id: "lease", holder, until}                     who migrates, until when (the server's clock)
    {_id: <number>, name, began_at, done_at, count, place}

place: where a migration goes on after a kill; it goes when the migration is done. A store that is made today has been
through everything from the beginning (`mark_done` by guichet.store.setup.schema).
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import AwareDatetime, Field
from pymongo import IndexModel

from guichet.contracts.base import Contract
from guichet.mongo.bulk import insert_new
from guichet.mongo.client import Database, translate_errors
from guichet.mongo.lease import LEASE_FOR, Lease, LeaseWords, leased
from guichet.privacy.data_map.entry import SECURITY, DataMapEntry, Erasure
from guichet.privacy.data_map.retention import ForGood, Phrase

COLLECTION = "migrations"
INDEXES: dict[str, list[IndexModel]] = {COLLECTION: []}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="know which form the other collections have, so that no service misreads them",
        legal_basis=SECURITY,
        whose="nobody: numbers, dates and counts; while one runs, the id of the last document that it changed",
        retention=(ForGood(why=Phrase("the store's form is read from it", "la forme de la base s’y lit")),),
        on_erasure=Erasure.NOT_CONCERNED,
    ),
)

WORDS: Final = LeaseWords(
    taken="another process migrates this store, or died in it less than {lasts} s ago: try again",
    lost="another process took the migrations over: this one stops",
)


class MigrationRecord(Contract):
    """One migration's. done_at: None while it runs, or after a kill. count: documents looked at so far."""

    number: int = Field(alias="_id")
    name: str
    began_at: AwareDatetime
    done_at: AwareDatetime | None = None
    count: int = 0
    place: Mapping[str, Any] = {}


class MigrationRecords:
    """The records in MongoDB. lasts: how long a process that was killed keeps others from migrating.

    Every method raises TransientError.
    """

    def __init__(self, database: Database, *, lasts: timedelta = LEASE_FOR) -> None:
        self._records = database[COLLECTION]
        self._lasts = lasts

    def lease(self) -> AbstractAsyncContextManager[Lease]:
        """Be the one process that migrates. Raises TakenError while another does."""
        return leased(self._records, WORDS, self._lasts)

    @translate_errors
    async def all(self) -> dict[int, MigrationRecord]:
        """Return every record by its number."""
        found = self._records.find({"name": {"$exists": True}}).sort("_id", 1)
        return {each["_id"]: MigrationRecord.model_validate(each) async for each in found}

    @translate_errors
    async def mark_done(self, names: Mapping[int, str], at: datetime) -> None:
        """Note that nothing is to be done for these: the store has their form already."""
        records = [MigrationRecord(_id=number, name=name, began_at=at, done_at=at) for number, name in names.items()]
        await insert_new(self._records, [each.model_dump(by_alias=True) for each in records])

    @translate_errors
    async def begin(self, number: int, name: str, at: datetime) -> MigrationRecord:
        """Note that one begins; one that was stopped keeps its place. Return its record."""
        await insert_new(self._records, [MigrationRecord(_id=number, name=name, began_at=at).model_dump(by_alias=True)])
        return MigrationRecord.model_validate(await self._records.find_one({"_id": number}))

    @translate_errors
    async def keep(self, number: int, count: int, place: Mapping[str, Any]) -> None:
        """Note how far one is."""
        await self._records.update_one({"_id": number}, {"$set": {"count": count, "place": place}})

    @translate_errors
    async def finish(self, number: int, at: datetime) -> None:
        """Note that one is done."""
        await self._records.update_one({"_id": number}, {"$set": {"done_at": at, "place": {}}})


def unfinished(records: Mapping[int, MigrationRecord], numbers: Sequence[int]) -> list[int]:
    """Return, in order, the numbers of what is not done. Pure."""
    return [number for number in sorted(numbers) if number not in records or records[number].done_at is None]
