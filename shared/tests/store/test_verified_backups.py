"""Of when the newest good backup is, on a real mongod."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from guichet.mongo.client import closing, connect
from guichet.runtime.settings import MongoSettings
from guichet.store.verified_backups import MongoVerifiedBackups
from guichet_local.mongod.server import MongoServer

pytestmark = pytest.mark.real
NOW = datetime(2026, 3, 2, 4, 30, tzinfo=UTC)
A_DAY = timedelta(days=1)


@pytest.fixture
async def backups(mongo_server: MongoServer, mongo_database: str) -> AsyncIterator[MongoVerifiedBackups]:
    with closing(connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))) as database:
        yield MongoVerifiedBackups(database)


class TestMongoVerifiedBackups:
    async def test_the_last_one_counts_whatever_a_wrong_clock_said_before(self, backups: MongoVerifiedBackups) -> None:
        assert await backups.last_taken_at() is None
        await backups.record(NOW + 900 * A_DAY, NOW + 900 * A_DAY)
        await backups.record(NOW, NOW)
        assert await backups.last_taken_at() == NOW

    async def test_who_looked_first_says_since_when(self, backups: MongoVerifiedBackups) -> None:
        assert await backups.watched_since(NOW) == NOW
        assert await backups.watched_since(NOW + A_DAY) == NOW
