"""A stack's two databases, looked into by their administrator, as no process of Guichet can."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from pydantic import SecretStr
from pymongo import MongoClient

from guichet.mongo.client import Database, connect
from guichet.runtime.settings import MongoSettings
from guichet_local.stack import LocalStack

DATA: Final = "guichet"
VAULT: Final = "guichet_vault"  # as the local stack calls them


@contextmanager
def looked_into(stack: LocalStack) -> "Iterator[MongoClient[dict[str, Any]]]":
    """Open a client that waits for its answers; its times are aware."""
    with MongoClient[dict[str, Any]](stack.mongodb_admin_uri, tz_aware=True) as client:
        yield client


def database_of(stack: LocalStack, name: str = DATA) -> Database:
    """Return a database as Guichet's own client reads it, without waiting."""
    return connect(MongoSettings(mongodb_uri=SecretStr(stack.mongodb_admin_uri), mongodb_database=name))
