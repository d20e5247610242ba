"""A restore locks the vault: who else may write there neither begins one nor finds a moment in which it is open."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from guichet.clock import SystemClock
from guichet.errors import TransientError
from guichet.ids import KeyId
from guichet.mongo.client import Database, closing, connect_vault
from guichet.runtime.settings import OpeningSettings
from guichet.store.setup.restore import DataRestore
from guichet.vault.keys.collections import VaultKeys
from guichet.vault.keys.locked import VaultLock
from guichet_local.mongod.server import MongoServer

pytestmark = pytest.mark.real
AT = datetime(2031, 5, 5, 9, tzinfo=UTC)
KEY = KeyId("a" * 32)


@pytest.fixture
async def vault(mongo_server: MongoServer, mongo_database: str, tmp_path: Path) -> AsyncIterator[Database]:
    settings = OpeningSettings(
        mongodb_uri=mongo_server.uri, vault_database=f"{mongo_database}_vault", root_key_file=tmp_path / "root.key"
    )
    with closing(connect_vault(settings)) as database:
        yield database


@pytest.fixture
def restore(vault: Database) -> DataRestore:
    return DataRestore(vault, vault, clock=SystemClock().now)


class TestMongoDataRestoreMarks:
    async def test_one_is_under_way_from_its_beginning_to_its_end(self, vault: Database, restore: DataRestore) -> None:
        assert not await restore.is_under_way()
        for _ in range(2):
            await restore.begin(AT)
            assert await restore.is_under_way()
        with pytest.raises(TransientError, match="being restored"):
            await VaultKeys(vault).living_keys([KEY])
        await restore.end()
        assert not await restore.is_under_way()
        await VaultKeys(vault).living_keys([KEY])

    async def test_what_a_third_partys_host_inserts_among_the_keys_begins_none(
        self, vault: Database, restore: DataRestore
    ) -> None:
        await vault["keys"].insert_one({"_id": "restoring", "since": 1})
        assert not await restore.is_under_way()

    async def test_a_vault_that_was_put_back_stays_locked_while_one_begins(
        self, vault: Database, restore: DataRestore
    ) -> None:
        await VaultLock(vault).lock()
        assert not await restore.is_under_way()
        async with vault.watch() as changes:
            await restore.begin(AT)
            await vault["done"].insert_one({})
            happened = [(await changes.next())["operationType"] for _ in range(3)]
        assert "delete" not in happened, "killed after it, a machine that was put back would be unlocked"
        await VaultLock(vault).unlock()
        assert await restore.is_under_way(), "what a restore locks, only a restore opens"
        with pytest.raises(TransientError, match="being restored"):
            await VaultKeys(vault).living_keys([KEY])
