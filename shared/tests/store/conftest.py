"""What tests of the store's collections share."""

import pytest

from guichet.clock import SystemClock
from guichet.mongo.client import Database, connect
from guichet.runtime.settings import MongoSettings
from guichet.store.setup.schema import prepare
from guichet_local.mongod.server import MongoServer


@pytest.fixture
async def database(mongo_server: MongoServer, mongo_database: str) -> Database:
    """A fresh store as `guichet prepare` leaves it."""
    database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
    await prepare(database, clock=SystemClock().now)
    return database
