"""Turns of the vault: the lease of the process that turns, and a record of each that was done.

    {_id: "lease", holder, until}                            who turns, until when (the server's clock)
    {_id: <root generation>, began_at, ended_at, buckets, keys}

A process that slept past its lease must not bring in a wrapping key under a root key that a later turn has destroyed:
what brings one in is written together with the lease (`Lease.with_proof`), or not at all.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from pymongo import DESCENDING, IndexModel

from guichet.errors import TransientError
from guichet.privacy.data_map import SECURITY, DataMapEntry, Erasure
from guichet.privacy.turning import TurnReport
from guichet.store.client import Database, translate_errors
from guichet.store.inserting import insert_new

TURNS = "turns"
INDEXES: dict[str, list[IndexModel]] = {TURNS: [IndexModel([("ended_at", DESCENDING)], name="by_end")]}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="vault-collection",
        name=TURNS,
        purpose="prove when destroyed keys were gone from every copy",
        legal_basis=SECURITY,
        whose="nobody: dates and counts",
        retention="kept",
        on_erasure=Erasure.NOT_CONCERNED,
    ),
)

LEASE_FOR: Final = timedelta(seconds=60)  # a batch takes at most PATIENCE, a third of it
_LEASE: Final = "lease"
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Lease:
    """The right to turn, as long as it is kept. Every method raises TransientError, also when it was lost."""

    def __init__(self, database: Database, holder: str, lasts: timedelta) -> None:
        self._database = database
        self._mine = {"_id": _LEASE, "holder": holder}
        self._renewed = [{"$set": {"until": _from_now(lasts)}}]

    @translate_errors
    async def keep(self) -> None:
        """Renew it. To be called before each batch of work."""
        await self._renew(None)

    @translate_errors
    async def with_proof(self, write: Callable[[Any], Awaitable[None]]) -> None:
        """Do what `write` does with the session that it is given, all of it and only while the lease is ours."""

        async def both(session: Any) -> None:
            await self._renew(session)
            await write(session)

        async with await self._database.client.start_session() as session:
            await session.with_transaction(both)

    @translate_errors
    async def release(self) -> None:
        """Let another process turn at once."""
        await self._database[TURNS].update_one(self._mine, {"$set": {"until": _LONG_AGO}})

    async def _renew(self, session: Any) -> None:
        done = await self._database[TURNS].update_one(self._mine, self._renewed, session=session)
        if not done.matched_count:
            raise TransientError("another process took the turn of the vault over: this one stops")


class Turns:
    """See the module. lasts: how long a process that was killed keeps others from turning."""

    def __init__(self, database: Database, *, lasts: timedelta = LEASE_FOR) -> None:
        self._database = database
        self._turns = database[TURNS]
        self._lasts = lasts

    @asynccontextmanager
    async def lease(self) -> AsyncIterator[Lease]:
        """Be the one process that turns. Raises TransientError while another is."""
        lease = await self._take()
        try:
            yield lease
        finally:
            with suppress(TransientError):
                await lease.release()

    @translate_errors
    async def record(self, report: TurnReport) -> None:
        """Keep a report; one of this generation stays as it is."""
        told = vars(report).copy()
        await insert_new(self._turns, [{"_id": told.pop("generation"), **told}])

    @translate_errors
    async def last(self) -> TurnReport | None:
        """Return the newest turn that was done, or the birth of the vault; None before `guichet vault init`."""
        found = await self._turns.find_one({"ended_at": {"$exists": True}}, sort=[("ended_at", DESCENDING)])
        return None if found is None else TurnReport(generation=found.pop("_id"), **found)

    @translate_errors
    async def _take(self) -> Lease:
        await insert_new(self._turns, [{"_id": _LEASE, "holder": "", "until": _LONG_AGO}])
        holder = uuid4().hex
        taken = await self._turns.update_one(
            {"_id": _LEASE, "$expr": {"$lte": ["$until", "$$NOW"]}},
            [{"$set": {"holder": holder, "until": _from_now(self._lasts)}}],
        )
        if not taken.matched_count:
            raise TransientError(
                f"another process turns the vault, or died in it less than {self._lasts.total_seconds():g} s ago: "
                "try again"
            )
        return Lease(self._database, holder, self._lasts)


def _from_now(duration: timedelta) -> dict[str, Any]:
    return {"$add": ["$$NOW", int(duration.total_seconds() * 1000)]}
