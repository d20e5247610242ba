"""Every night: copy the data, read the copy, only then let older ones go; the vault's own copy apart."""

import fcntl
import os
import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from guichet.errors import PermanentError, SettingsError
from guichet.mongo.backup_files import Manifest, private_file
from guichet.store.verified_backups import VerifiedBackups
from guichet_cli.backup.examine import Found

VARIABLE: Final = "GUICHET_BACKUPS"
VERIFIED: Final = "verified"
_PREFIX: Final = "data-"
_LOCK: Final = ".lock"


@dataclass(frozen=True)
class NightlyBackup:
    """folder: of the data's backups. keep: so many good ones. back_up, check: what the commands of these names do."""

    folder: Path
    keep: int
    back_up: Callable[[Path], Awaitable[object]]
    check: Callable[[Path], Awaitable[tuple[Manifest, Found]]]
    verified: VerifiedBackups
    clock: Callable[[], datetime]

    async def run(self) -> tuple[Path, Manifest, Found]:
        """Return the new backup and what its check found. Where it is not good, older ones stay and nobody is told
        that there is a newer. Raises TransientError, PermanentError, SettingsError."""
        with self._alone():
            path = self.folder / f"{_PREFIX}{self.clock():%Y%m%dT%H%M%S%f}Z"
            await self.back_up(path)
            manifest, found = await self.check(path)
            if found.is_good:
                with private_file(path / VERIFIED) as file:
                    file.write(f"{self.clock().isoformat()}\n".encode())
                await self.verified.record(manifest.taken_at, self.clock())
                remove_old(self.folder, self.keep)
            return path, manifest, found

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Make the folder; hold it for as long as this lasts."""
        try:
            self.folder.mkdir(mode=0o700, parents=False, exist_ok=True)
            lock = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as exc:
            raise SettingsError(f"{VARIABLE} names {self.folder}, which cannot be written: {exc.strerror}.") from exc
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError as exc:
            raise PermanentError(f"Another backup is being made in {self.folder}.") from exc
        finally:
            os.close(lock)


def remove_old(folder: Path, keep: int) -> None:
    """Leave the newest good ones, and what is newer than the oldest of them but was not found good: to be looked at.

    Half a backup that a kill left is none.
    """
    there = sorted(path for path in folder.glob(f"{_PREFIX}*") if path.is_dir())
    kept = [path for path in there if (path / VERIFIED).exists()][-keep:]
    for path in there:
        if kept and path not in kept and path < kept[-1]:
            shutil.rmtree(path)
