"""Reading many collections as they stood at one moment, in bounded memory."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from motor.motor_asyncio import AsyncIOMotorClientSession
from pymongo.errors import OperationFailure

from guichet.errors import PermanentError
from guichet.mongo.client import Database, translated

Document = dict[str, Any]
_GONE: Final = frozenset({239, 246})  # SnapshotTooOld, SnapshotUnavailable


@asynccontextmanager
async def one_moment(database: Database) -> AsyncIterator[AsyncIOMotorClientSession]:
    """Whatever is read with this session stands as it stood at its first reading.

    Raises TransientError, and PermanentError once MongoDB no longer holds that moment.
    """
    with translated():
        async with await database.client.start_session(snapshot=True) as session:
            try:
                yield session
            except OperationFailure as exc:
                if exc.code not in _GONE:
                    raise
                raise PermanentError(
                    "MongoDB no longer holds the moment that this began at. Let it keep more: "
                    "setParameter minSnapshotHistoryWindowInSeconds (300 by default) on every member."
                ) from exc


class Snapshot:
    """A database as it stood at one moment."""

    def __init__(self, database: Database, session: AsyncIOMotorClientSession) -> None:
        self._database = database
        self._session = session

    async def batches(self, name: str, query: Mapping[str, Any], size: int) -> AsyncIterator[list[Document]]:
        """Yield the documents of a collection that match, by their `_id`, so many at once."""
        found = self._database[name].find({**query}, session=self._session, batch_size=size).sort("_id", 1)
        while batch := await found.to_list(size):
            yield batch

    async def of(self, name: str, path: str, values: list[Any]) -> list[Document]:
        """Return the documents that hold one of the values at a path, by their `_id`."""
        found = self._database[name].find({path: {"$in": values}}, session=self._session).sort("_id", 1)
        return await found.to_list(None)

    async def distinct(self, name: str, path: str) -> list[Any]:
        """Return every value at a path of a collection's documents."""
        return await self._database[name].distinct(path, session=self._session)
