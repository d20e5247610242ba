"""The alarm about backups comes and goes with the record of the last good one, on a real mongod."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from gdpr_worker.handlers.watch_backups import BackupWatch
from guichet.mongo.client import closing, connect
from guichet.runtime.settings import MongoSettings
from guichet.runtime.telemetry.alarms import Alarm, clear_alarm
from guichet.store.verified_backups import DATA, MongoVerifiedBackups
from guichet_local.mongod.server import MongoServer
from guichet_testing.builders.tampered import is_alarmed

pytestmark = pytest.mark.real
NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
A_DAY = timedelta(days=1)


@pytest.fixture
async def backups(mongo_server: MongoServer, mongo_database: str) -> AsyncIterator[MongoVerifiedBackups]:
    with closing(connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))) as database:
        yield MongoVerifiedBackups(database)
    clear_alarm(Alarm.BACKUP_OLD, DATA)


async def test_it_rings_when_nobody_has_made_one_and_ends_with_one_that_was_found_good(
    backups: MongoVerifiedBackups,
) -> None:
    for day, rings in ((0, False), (1, False), (2, True)):
        await BackupWatch(backups, lambda day=day: NOW + day * A_DAY, timedelta(hours=26)).look()  # type: ignore[misc]
        assert is_alarmed(DATA, Alarm.BACKUP_OLD) is rings
    await backups.record(NOW + 2 * A_DAY, NOW + 2 * A_DAY)
    await BackupWatch(backups, lambda: NOW + 3 * A_DAY, timedelta(hours=26)).look()
    assert not is_alarmed(DATA, Alarm.BACKUP_OLD)
