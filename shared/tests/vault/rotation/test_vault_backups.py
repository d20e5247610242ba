"""The vault's own backup is read back, and opened with the root keys at hand, before an older one or a root key goes."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from guichet.clock import SystemClock
from guichet.errors import SettingsError, TransientError
from guichet.mongo.backup_files import Manifest
from guichet.runtime.settings import RotationSettings
from guichet.vault import backup
from guichet.vault.backup import VaultBackups, whole_backups
from guichet.vault.restore import read_backup
from guichet.vault.root_key.file import read_root_keys
from guichet.vault.rotation.ports import Rotation
from guichet.vault.rotation.rotate import open_rotation
from guichet_local.mongod.server import MongoServer
from guichet_testing.builders.tampered import altered
from shared.tests.vault.rotation.rotated_town import Town, a_town

pytestmark = pytest.mark.real
NOW = datetime(2026, 3, 2, 3, 30, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "vaults"


@pytest.fixture
def rotation(town: Town, mongo_server: MongoServer, folder: Path) -> Rotation:
    settings = RotationSettings(
        mongodb_uri=mongo_server.uri,
        vault_database=town.database.name,
        root_key_file=town.root,
        vault_backups=folder,
    )
    return open_rotation(settings, town.database, SystemClock().now)


async def test_one_that_is_not_what_was_written_lets_no_older_one_go_and_no_root_key(
    town: Town, rotation: Rotation, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await town.make(5)
    for _ in range(2):
        await rotation.run()
    before, roots = whole_backups(folder), read_root_keys(town.root)
    real = backup.back_up_vault

    async def on_a_failing_disk(database: Any, path: Path, beat: Any, taken_at: datetime) -> Manifest:
        manifest = await real(database, path, beat, taken_at)
        file = path / "bucket_keys.bson.gz"
        await asyncio.to_thread(lambda: file.write_bytes(altered(file.read_bytes())))
        return manifest

    with monkeypatch.context() as patch:
        patch.setattr(backup, "back_up_vault", on_a_failing_disk)
        for _ in range(3):
            with pytest.raises(TransientError, match="GUICHET_VAULT_BACKUPS"):
                await rotation.run()
    assert whole_backups(folder) == before, "what is none would be restored from, or fill the disk"
    assert roots.items() <= read_root_keys(town.root).items()
    await rotation.run()
    assert len(whole_backups(folder)) == 2


async def test_one_that_the_root_keys_do_not_open_counts_for_nothing(
    town: Town, mongo_server: MongoServer, folder: Path
) -> None:
    stranger = await a_town(mongo_server, f"{town.database.name}_2", folder.parent)

    async def keep() -> None:
        return

    backups = VaultBackups(
        town.database, folder, read_back=partial(read_backup, root_key_file=stranger.root), clock=lambda: NOW
    )
    with pytest.raises(SettingsError, match="GUICHET_VAULT_BACKUPS"):
        await backups.replace(keep)
    assert whole_backups(folder) == []
    stranger.database.client.close()


async def test_the_newest_stays_where_the_clock_was_set_back(town: Town, folder: Path) -> None:
    async def keep() -> None:
        return

    for days in (900, 901, 0):
        now = NOW + timedelta(days=days)
        await VaultBackups(
            town.database, folder, read_back=partial(read_backup, root_key_file=town.root), clock=lambda now=now: now
        ).replace(keep)  # type: ignore[misc]
    newest = whole_backups(folder)[-1]
    assert f'"taken_at": "{NOW:%Y-%m-%dT%H:%M}' in (newest / "manifest.json").read_text()
