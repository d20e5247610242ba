"""The vault's own backup, apart from the data's: every rotation makes a new one and keeps the newest two.

It opens only with the root-key file of the same night: a later rotation makes it worthless, on purpose.
"""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from guichet.errors import PermanentError, SettingsError
from guichet.mongo.backup_files import MANIFEST, Manifest, current_version, new_folder, next_in_row, write_manifest
from guichet.mongo.client import Database
from guichet.mongo.dump import Beat, dump
from guichet.vault.schema import vault_collections

KEPT: Final = 2
VARIABLE: Final = "GUICHET_VAULT_BACKUPS"
_PREFIX: Final = "vault-"


async def back_up_vault(database: Database, folder: Path, beat: Beat, taken_at: datetime) -> Manifest:
    """Write a backup into a new folder. taken_at: now. Under the lease of the vault: no rotation may come between."""
    new_folder(folder)
    files = await dump(database, vault_collections(), folder, beat)
    manifest = Manifest(kind="vault", taken_at=taken_at, version=current_version(), files=tuple(files))
    write_manifest(folder, manifest)
    return manifest


class VaultBackups:
    """The folder of backups that each rotation replaces. folder: None where a town wants none.

    read_back: raises PermanentError for a backup that could not be restored with the root keys at hand.
    """

    def __init__(
        self,
        database: Database,
        folder: Path | None,
        *,
        read_back: Callable[[Path], None],
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._folder = folder
        self._read_back = read_back
        self._clock = clock

    async def replace(self, keep: Callable[[], Awaitable[None]]) -> None:
        """Make a new backup and read it back, then remove all but the newest two. Raises TransientError, SettingsError.

        One that cannot be read, or not be opened, is removed instead, and the older ones stay.
        """
        if self._folder is None:
            return
        try:
            self._folder.mkdir(mode=0o700, parents=False, exist_ok=True)
            now = self._clock()
            await self._make(next_in_row(self._folder, _PREFIX, now), now, keep)
            _remove_old(self._folder)
        except OSError as exc:
            raise SettingsError(f"{VARIABLE} names {self._folder}, which cannot be written: {exc.strerror}.") from exc
        except PermanentError as exc:
            raise SettingsError(
                f"{VARIABLE} names {self._folder}: what was written there is no backup, older ones stay: {exc}"
            ) from exc

    async def _make(self, path: Path, now: datetime, keep: Callable[[], Awaitable[None]]) -> None:
        async def beat(_name: str, _count: int) -> None:
            await keep()

        try:
            await back_up_vault(self._database, path, beat, now)
            await asyncio.to_thread(self._read_back, path)
        except BaseException:  # else it fills the disk, or counts for the newest
            shutil.rmtree(path, ignore_errors=True)
            raise


def _remove_old(folder: Path) -> None:
    """Half a backup that a kill left counts for nothing."""
    kept = whole_backups(folder)[-KEPT:]
    for path in _folders(folder):
        if path not in kept:
            shutil.rmtree(path)


def whole_backups(folder: Path) -> list[Path]:
    """Return the whole backups in the folder, oldest first."""
    return [path for path in _folders(folder) if (path / MANIFEST).exists()]


def _folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob(f"{_PREFIX}*") if path.is_dir())
