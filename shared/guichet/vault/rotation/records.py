"""Rotations of the vault: the lease of the process that rotates, and a record of each that was done.

    {_id: "lease", holder, until}                            who rotates, until when (the server's clock)
    {_id: <root generation>, began_at, ended_at, buckets, keys}

A process that slept past its lease must not bring in a wrapping key under a root key that a later rotation has
destroyed: what brings one in is written together with the lease (`Lease.with_proof`), or not at all.
"""

from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Final

from pymongo import DESCENDING, IndexModel

from guichet.mongo.bulk import insert_new
from guichet.mongo.client import Database, translate_errors
from guichet.mongo.lease import LEASE_FOR, Lease, LeaseWords, leased
from guichet.privacy.data_map.entry import SECURITY, DataMapEntry, Erasure
from guichet.privacy.data_map.retention import ForGood, Phrase
from guichet.vault.rotation.ports import RotationReport

COLLECTION = "turns"
INDEXES: dict[str, list[IndexModel]] = {COLLECTION: [IndexModel([("ended_at", DESCENDING)], name="by_end")]}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="vault-collection",
        name=COLLECTION,
        purpose="prove when destroyed keys were gone from every copy",
        legal_basis=SECURITY,
        whose="nobody: dates and counts",
        retention=(ForGood(why=Phrase("it proves, and is nobody's", "c’est une preuve, et rien n’y est à personne")),),
        on_erasure=Erasure.NOT_CONCERNED,
    ),
)

WORDS: Final = LeaseWords(
    taken="another process rotates the keys of the vault, or died in it less than {lasts} s ago: try again",
    lost="another process took the rotation of the vault over: this one stops",
)


class Rotations:
    """The lease and the records of rotations. lasts: how long a process that was killed keeps others from rotating."""

    def __init__(self, database: Database, *, lasts: timedelta = LEASE_FOR) -> None:
        self._rotations = database[COLLECTION]
        self._lasts = lasts

    def lease(self) -> AbstractAsyncContextManager[Lease]:
        """Be the one process that rotates. Raises TransientError while another is."""
        return leased(self._rotations, WORDS, self._lasts)

    @translate_errors
    async def record(self, report: RotationReport) -> None:
        """Keep a report; one of this generation stays as it is."""
        stored = vars(report).copy()
        await insert_new(self._rotations, [{"_id": stored.pop("generation"), **stored}])

    @translate_errors
    async def last(self) -> RotationReport | None:
        """Return the newest rotation that was done, or the birth of the vault; None before `guichet vault init`."""
        found = await self._rotations.find_one({"ended_at": {"$exists": True}}, sort=[("ended_at", DESCENDING)])
        return None if found is None else RotationReport(generation=found.pop("_id"), **found)
