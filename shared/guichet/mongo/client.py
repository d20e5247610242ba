"""Connections to MongoDB, and its errors told as ours.

Every write is durable on a majority before it counts, and nothing is read that a majority does not have, whatever the
URI says: what is decided or published on what was read is never rolled back. Who lost a race to a write that is still
under way is told so only once a majority has it, and then finds it. No call waits longer than `PATIENCE`
for a server that is away or frozen: the outage becomes a TransientError, and the worker loop retries. (Not the
driver's own `timeoutMS`: under it a call goes on retrying until the end, 20 s instead of 5 for a server that died.)
"""

import functools
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, ParamSpec, TypeVar
from urllib.parse import unquote, urlsplit

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from pymongo.errors import PyMongoError

from guichet.errors import TransientError
from guichet.mongo.server_errors import is_outage, refusal_of
from guichet.runtime.settings import MongoSettings, VaultSettings
from guichet.runtime.telemetry.access_alarm import alarmed

Database = AsyncIOMotorDatabase[dict[str, Any]]

FINDING_A_SERVER = timedelta(seconds=5)  # an election takes about as long
PATIENCE = timedelta(seconds=20)  # a bulk of 500 under full load takes well under one second

_users: set[str] = set()  # as whom this process signs in: MongoDB's refusals do not say whom they refuse

P = ParamSpec("P")
R = TypeVar("R")


def connect(settings: MongoSettings, *, repeats_writes: bool = True) -> Database:
    """Return the database of cases, messages and the registry. Call it inside the running loop.

    repeats_writes: whether the driver repeats a write once after an election. So that this is safe, the server keeps
    of each document who wrote it, and at which try. Whoever repeats a whole batch needs none of it.
    """
    return _client(settings.mongodb_uri.get_secret_value(), repeats_writes)[settings.mongodb_database]


def connect_vault(settings: VaultSettings, *, repeats_writes: bool = True) -> Database:
    """Return the vault's database. Call it inside the running loop. repeats_writes: as above."""
    uri = settings.vault_mongodb_uri or settings.mongodb_uri
    return _client(uri.get_secret_value(), repeats_writes)[settings.vault_database]


@contextmanager
def closing(database: Database) -> Iterator[Database]:
    """Close the connections that lead to this database once it is done with."""
    try:
        yield database
    finally:
        database.client.close()


def _client(uri: str, repeats_writes: bool) -> AsyncIOMotorClient[dict[str, Any]]:
    if user := urlsplit(uri).username:
        _users.add(unquote(user))
    return AsyncIOMotorClient(
        uri,
        tz_aware=True,
        w="majority",
        journal=True,
        readConcernLevel="majority",
        readPreference="primary",
        retryWrites=repeats_writes,
        serverSelectionTimeoutMS=_milliseconds(FINDING_A_SERVER),
        connectTimeoutMS=_milliseconds(FINDING_A_SERVER),
        socketTimeoutMS=_milliseconds(PATIENCE),
        waitQueueTimeoutMS=_milliseconds(PATIENCE),
    )


def _milliseconds(duration: timedelta) -> int:
    return int(duration.total_seconds() * 1000)


@contextmanager
def translated() -> Iterator[None]:
    """Turn MongoDB's outages into TransientError; a refused document stays what it is, a bug or a duplicate.

    Where the server does not let us in, or not do this, it is a NotAllowedError, with an alarm.
    """
    try:
        yield
    except PyMongoError as exc:
        if (refusal := refusal_of(exc, _users)) is not None:
            raise alarmed(refusal) from exc
        if is_outage(exc):
            raise TransientError(f"MongoDB: {type(exc).__name__}") from exc
        raise


def translate_errors(method: Callable[P, Coroutine[Any, Any, R]]) -> Callable[P, Coroutine[Any, Any, R]]:
    """Decorate a coroutine method of a store: see `translated`."""

    @functools.wraps(method)
    async def call(*args: P.args, **kwargs: P.kwargs) -> R:
        with translated():
            return await method(*args, **kwargs)

    return call
