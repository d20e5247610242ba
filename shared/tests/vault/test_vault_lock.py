"""A vault that is locked opens nothing, and a restore's mark is a restore's."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from guichet.errors import TransientError
from guichet.ids import KeyId
from guichet.mongo.client import Database, closing, connect_vault
from guichet.runtime.settings import OpeningSettings
from guichet.vault.keys.collections import VaultKeys
from guichet.vault.keys.locked import VaultLock
from guichet_local.mongod.server import MongoServer

pytestmark = pytest.mark.real
KEY = KeyId("a" * 32)


@pytest.fixture
async def vault(mongo_server: MongoServer, mongo_database: str, tmp_path: Path) -> AsyncIterator[Database]:
    settings = OpeningSettings(
        mongodb_uri=mongo_server.uri, vault_database=f"{mongo_database}_vault", root_key_file=tmp_path / "root.key"
    )
    with closing(connect_vault(settings)) as database:
        yield database


class TestMongoVaultLock:
    async def test_while_it_is_locked_nobody_opens_a_key(self, vault: Database) -> None:
        lock, keys = VaultLock(vault), VaultKeys(vault)
        await keys.living_keys([KEY])
        assert not await lock.is_locked()
        await lock.lock()
        assert await lock.is_locked()
        with pytest.raises(TransientError, match="being restored"):
            await keys.living_keys([KEY])
        await lock.unlock()
        await keys.living_keys([KEY])
        assert not await lock.is_locked()

    async def test_the_mark_of_a_restore_is_not_taken_away(self, vault: Database) -> None:
        for name in ("bucket_keys", "keys"):
            await vault[name].insert_one({"_id": "restoring"})
        lock = VaultLock(vault)
        await lock.lock()
        await lock.unlock()
        with pytest.raises(TransientError, match="being restored"):
            await VaultKeys(vault).living_keys([KEY])
