"""Every night: copy the data, read the copy, only then let older ones go; the vault's own copy apart."""

import fcntl
import os
import shutil
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from guichet.errors import PermanentError, SettingsError
from guichet.mongo.backup_files import Manifest, made_at, next_in_row, private_file, read_manifest
from guichet.mongo.dump import file_of
from guichet.store.setup.restore import SAYS_NOTHING
from guichet.store.verified_backups import VerifiedBackups
from guichet_cli.backup.examine import Found
from guichet_cli.console.upgrade_backup import BEFORE_UPGRADE

VARIABLE: Final = "GUICHET_BACKUPS"
VERIFIED: Final = "verified"
_PREFIX: Final = "data-"
_BAD_ONES_KEPT: Final = 2
_SAYS_NOTHING: Final = {file_of(name) for name in SAYS_NOTHING}
_LOCK: Final = ".lock"


@dataclass(frozen=True)
class NightlyBackup:
    """folder: of the data's backups. keep, kept_for: so many good ones, for so long.

    may_shrink: take it for good though it holds less than half of the last. is_locked: whether nobody may open a key,
    because data is being put back. back_up, check: what the commands of these names do; the former is told of the last
    good one, which holds most files already.
    """

    folder: Path
    keep: int
    kept_for: timedelta
    may_shrink: bool
    is_locked: Callable[[], Awaitable[bool]]
    back_up: Callable[[Path, Path | None], Awaitable[object]]
    check: Callable[[Path], Awaitable[tuple[Manifest, Found]]]
    verified: VerifiedBackups
    clock: Callable[[], datetime]

    async def run(self) -> tuple[Path, Manifest, Found]:
        """Return the new backup and what its check found. Where it is not good, older ones stay and nobody is told
        that there is a newer. Raises TransientError, PermanentError, SettingsError."""
        with self._alone():
            await self._refuse_while_locked()
            path = next_in_row(self.folder, _PREFIX, self.clock())
            await self.back_up(path, max(_good(_backups(self.folder)), default=None))
            manifest, found = await self.check(path)
            await self._refuse_while_locked()  # what was copied may be half of what is being put back
            if not self.may_shrink:
                found.shrunk_from = shrunk_from(self.folder, manifest)
            if found.is_good:
                with private_file(path / VERIFIED) as file:
                    file.write(f"{self.clock().isoformat()}\n".encode())
                await self.verified.record(manifest.taken_at, self.clock())
            remove_old(self.folder, self.keep, now=self.clock(), kept_for=self.kept_for)
            return path, manifest, found

    async def _refuse_while_locked(self) -> None:
        if await self.is_locked():
            raise PermanentError(
                "The vault is locked: data is being put back, or this machine was put back to an older state. A backup"
                " of that would push good ones out. End the restore first."
            )

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


def shrunk_from(folder: Path, manifest: Manifest) -> int | None:
    """Return how many documents the last good backup in the folder has, where this one has less than half; else None.

    Those of collections that a store which lost everything holds too are not counted.
    """
    for path in reversed(_good(_backups(folder))):
        try:
            before = _counted(read_manifest(path, "data"))
        except PermanentError:  # damaged since: the one before it says as much
            continue
        return before if _counted(manifest) * 2 < before else None
    return None


def _counted(manifest: Manifest) -> int:
    return sum(file.documents for file in manifest.files if file.name not in _SAYS_NOTHING)


def remove_old(folder: Path, keep: int, *, now: datetime, kept_for: timedelta) -> None:
    """Leave the newest good ones, those of before an upgrade, and two newer ones that are not good: to be looked at.

    None that is older than this, but the last good one. Half a backup that a kill left is not good.
    """
    there = _backups(folder)
    good = _good(there)
    bad = [path for path in there if path not in good and path > max(good, default=path.parent)]
    before_upgrades = [path for path in good if (path / BEFORE_UPGRADE).exists()]
    wanted = (*good[-keep:], *before_upgrades, *bad[-_BAD_ONES_KEPT:])
    made = _when_made(there, now)
    kept = {path for path in wanted if made[path] >= now - kept_for}
    for path in there:
        if path not in kept and path not in good[-1:]:
            shutil.rmtree(path)


def _backups(folder: Path) -> list[Path]:
    """Return them, oldest first."""
    return sorted(path for path in folder.glob(f"{_PREFIX}*") if path.is_dir())


def _good(backups: Iterable[Path]) -> list[Path]:
    return [path for path in backups if (path / VERIFIED).exists()]


def _when_made(backups: Iterable[Path], now: datetime) -> dict[Path, datetime]:
    """Return when each was made. Names only go up, so once a clock was ahead they all are: then a backup tells itself,
    or it was made before the next one that can."""
    made, after = {}, now
    for path in sorted(backups, reverse=True):
        at = _made_at(path)
        if at > now:
            at = _taken_at(path) or after
        made[path] = after = after if at > now else at
    return made


def _taken_at(backup: Path) -> datetime | None:
    try:
        return read_manifest(backup, "data").taken_at
    except PermanentError:
        return None


def _made_at(backup: Path) -> datetime:
    return made_at(backup, _PREFIX) or datetime.fromtimestamp(backup.stat().st_mtime, UTC)  # somebody's own name for it
