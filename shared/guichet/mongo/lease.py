"""A lease on a piece of work that one process at a time may do, by the store's own clock.

    {_id: "lease", holder, until}        in the collection of whatever is done under it; "lease:<name>": one of several

A process that slept past its lease must notice: whoever holds one renews it before each batch of work, and what must
not happen twice is written together with the lease (`Lease.with_proof`), or not at all.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol
from uuid import uuid4

from motor.motor_asyncio import AsyncIOMotorCollection

from guichet.errors import TransientError
from guichet.mongo.bulk import insert_new
from guichet.mongo.client import translate_errors
from guichet.mongo.hold import from_now

LEASE_FOR: Final = timedelta(seconds=60)  # a batch takes at most PATIENCE, a third of it
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


class TakenError(TransientError):
    """Another process holds the lease."""


class Held(Protocol):
    """The right to be the one who does something."""

    async def keep(self) -> None:
        """Renew it. Raises TransientError where it was lost."""


@dataclass(frozen=True)
class LeaseWords:
    """What is said of a lease. taken: that another process has it. lost: that another process took it over."""

    taken: str
    lost: str


class Lease:
    """The right to do the work, as long as it is kept. Every method raises TransientError, also when it was lost."""

    def __init__(
        self,
        collection: AsyncIOMotorCollection[dict[str, Any]],
        mine: dict[str, str],
        lasts: timedelta,
        words: LeaseWords,
    ) -> None:
        self._collection = collection
        self._mine = mine
        self._renewed = [{"$set": {"until": from_now(lasts)}}]
        self._words = words

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

        async with await self._collection.database.client.start_session() as session:
            await session.with_transaction(both)

    @translate_errors
    async def release(self) -> None:
        """Let another process work at once."""
        await self._collection.update_one(self._mine, {"$set": {"until": _LONG_AGO}})

    async def _renew(self, session: Any) -> None:
        done = await self._collection.update_one(self._mine, self._renewed, session=session)
        if not done.matched_count:
            raise TransientError(self._words.lost)


@asynccontextmanager
async def leased(
    collection: AsyncIOMotorCollection[dict[str, Any]],
    words: LeaseWords,
    lasts: timedelta = LEASE_FOR,
    name: str | None = None,
) -> AsyncIterator[Lease]:
    """Be the one process that works. Raises TakenError.

    lasts: how long one that was killed keeps others from it. name: of the work, where there are several that do not
    wait for one another.
    """
    lease = await _take(collection, words, lasts, "lease" if name is None else f"lease:{name}")
    try:
        yield lease
    finally:
        with suppress(TransientError):
            await lease.release()


@translate_errors
async def _take(
    collection: AsyncIOMotorCollection[dict[str, Any]], words: LeaseWords, lasts: timedelta, key: str
) -> Lease:
    await insert_new(collection, [{"_id": key, "holder": "", "until": _LONG_AGO}])
    holder = uuid4().hex
    taken = await collection.update_one(
        {"_id": key, "$expr": {"$lte": ["$until", "$$NOW"]}},
        [{"$set": {"holder": holder, "until": from_now(lasts)}}],
    )
    if not taken.matched_count:
        raise TakenError(words.taken.format(lasts=f"{lasts.total_seconds():g}"))
    return Lease(collection, {"_id": key, "holder": holder}, lasts, words)
