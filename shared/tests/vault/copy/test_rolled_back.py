"""A vault whose disk is put back as it was (a snapshot of its machine): its second copy notices, and keeps what it holds."""

import shutil
from pathlib import Path

import pytest

from guichet.mongo.client import connect_vault
from guichet.runtime.settings import OpeningSettings
from guichet_local.mongod.server import MongoServer
from guichet_testing.real.servers import running_mongod
from guichet_testing.until import until
from shared.tests.vault.copy.kept_copy import CopiedTown
from shared.tests.vault.copy.losses import restore
from shared.tests.vault.copy.test_follow import alarm
from shared.tests.vault.rotation.rotated_town import Town, a_town

pytestmark = pytest.mark.real


def town_at(server: MongoServer, before: Town) -> Town:
    """Connect anew."""
    where = OpeningSettings(mongodb_uri=server.uri, vault_database="vault", root_key_file=before.root)
    return Town(connect_vault(where), before.root, living=before.living)


async def test_keys_of_after_the_snapshot_are_in_the_copy_alone_and_come_back_from_it(tmp_path: Path) -> None:
    (tmp_path / "mongod").mkdir()
    with running_mongod(tmp_path / "mongod") as server:
        copied = CopiedTown(await a_town(server, "vault", tmp_path), tmp_path / "copy")
        async with copied.kept():
            await copied.town.make(2)
        server.kill()
        shutil.copytree(tmp_path / "mongod" / "data", tmp_path / "snapshot")
        server.start()
        copied = CopiedTown(town_at(server, copied.town), copied.folder)
        async with copied.kept():
            await copied.town.make(2)
        server.kill()
        shutil.rmtree(tmp_path / "mongod" / "data")
        (tmp_path / "snapshot").rename(tmp_path / "mongod" / "data")
        server.start()
        copied = CopiedTown(town_at(server, copied.town), copied.folder)
        async with copied.keeping():
            await until(lambda: alarm("older-vault"))
            assert copied.holds(copied.town.living)
        await restore(copied)
        async with copied.kept():
            assert await copied.town.vault().open_keys(copied.town.living) == copied.town.living
