"""A vault of each test's own, and no alarm from the test before."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from guichet.runtime.telemetry.alarms import Alarm, clear_alarm
from guichet_local.mongod.server import MongoServer
from shared.tests.vault.rotation.rotated_town import Town, a_town


@pytest.fixture
async def town(mongo_server: MongoServer, mongo_database: str, tmp_path: Path) -> AsyncIterator[Town]:
    town = await a_town(mongo_server, f"{mongo_database}_vault", tmp_path)
    yield town
    town.database.client.close()


@pytest.fixture(autouse=True)
def calm() -> None:
    clear_alarm(Alarm.TAMPERED, "vault")
