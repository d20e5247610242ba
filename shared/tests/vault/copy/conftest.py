"""A vault of each test's own with a second copy, and no alarm from the test before."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from guichet.runtime.telemetry.alarms import Alarm, clear_alarm
from guichet.vault.copy.follow import NO_ROOM
from guichet.vault.copy.keep import CAUSES
from guichet_local.mongod.server import MongoServer
from shared.tests.vault.copy.kept_copy import CopiedTown
from shared.tests.vault.rotation.rotated_town import a_town


@pytest.fixture
async def copied(mongo_server: MongoServer, mongo_database: str, tmp_path: Path) -> AsyncIterator[CopiedTown]:
    town = await a_town(mongo_server, f"{mongo_database}_vault", tmp_path)
    yield CopiedTown(town, tmp_path / "copy")
    town.database.client.close()


@pytest.fixture(autouse=True)
def calm() -> None:
    for cause in (*CAUSES, NO_ROOM):
        clear_alarm(Alarm.VAULT_COPY, cause)
