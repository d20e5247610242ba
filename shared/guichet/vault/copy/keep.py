"""Keep the vault's second copy, whatever happens: try again, and raise an alarm that says what is in the way."""

import asyncio
import errno
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NoReturn
from uuid import uuid4

import structlog

from guichet.clock import Sleep
from guichet.errors import PermanentError, TransientError
from guichet.mongo.client import Database
from guichet.runtime.disk import FlushError
from guichet.runtime.telemetry.alarms import Alarm, clear_alarm, raise_alarm
from guichet.vault.copy.behind import keys_lacking
from guichet.vault.copy.copied_vault import CopiedVault
from guichet.vault.copy.folder import CHANGES, CopyFolder, GrowingCopy, newest_copy, only_writer
from guichet.vault.copy.follow import Following
from guichet.vault.copy.frames import cut_torn_end
from guichet.vault.copy.record import CopyRecord, CopyTakenError
from guichet.vault.copy.stream import CannotGoOnError, ChangeStream, changes_since

log = structlog.get_logger()

PAUSE: Final = timedelta(seconds=3)
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT})

DISK, OTHER_FOLDER, OLDER_VAULT, DAMAGED = "disk", "other-folder", "older-vault", "damaged"
CAUSES: Final = (DISK, OTHER_FOLDER, OLDER_VAULT, DAMAGED)
"""Causes of the alarm `vault-copy` (docs/operations.md)."""


class OlderVaultError(PermanentError):
    """The vault lacks keys that the copy holds."""


class CopyKeeper:
    """Keeps the copy in this folder. now: aware UTC."""

    def __init__(self, database: Database, path: Path, *, now: Callable[[], datetime], sleep: Sleep) -> None:
        self._database, self._path, self._now, self._sleep = database, path, now, sleep
        self._record = CopyRecord(database)
        self._is_doubtful = False  # the disk failed: what it holds of the copy must be compared with the vault

    async def run(self) -> NoReturn:
        """Keep the copy until cancelled."""
        while True:
            try:
                await self._record.expect()
                await self._keep()
            except CopyTakenError as exc:
                self._tell(OTHER_FOLDER, exc)
            except OlderVaultError as exc:
                self._tell(OLDER_VAULT, exc)
            except PermanentError as exc:
                self._tell(DAMAGED, exc)
            except BlockingIOError as exc:
                log.warning("another process keeps the vault's second copy", why=str(exc))
            except OSError as exc:
                self._is_doubtful = self._is_doubtful or _is_doubtful_after(exc)
                self._tell(DISK, exc)
            except CannotGoOnError as exc:
                self._is_doubtful = True
                log.warning("the vault's second copy is made anew", why=str(exc))
            except TransientError as exc:  # MongoDB's outages have an alarm of their own
                log.warning("the vault's second copy waits for the vault", why=str(exc))
            except Exception:
                log.exception("a bug while keeping the vault's second copy")
                raise_alarm(Alarm.BUG, "vault-copy")
                self._is_doubtful = True
            await self._sleep(PAUSE)

    async def _keep(self) -> None:
        with only_writer(self._path) as folder:
            holder, is_known = await self._taken(folder)
            try:
                current = await asyncio.to_thread(newest_copy, self._path)
                if current is not None and is_known and not self._is_doubtful:
                    await self._go_on(folder, holder, current)
                await self._begin(folder, holder)
            finally:
                await asyncio.shield(self._left(holder))

    async def _taken(self, folder: CopyFolder) -> tuple[str, bool]:
        """Ask the vault before anything is written: what lies under this name may be another disk than the copy's.

        Return which folder it is, and whether the vault knew it: a restored one does not, whose past is another.
        """
        known = await asyncio.to_thread(folder.known_id)
        holder = known or uuid4().hex
        is_known = await self._record.take(holder)
        if known is None:
            await asyncio.to_thread(folder.call, holder)
        return holder, is_known

    async def _left(self, holder: str) -> None:
        try:
            await self._record.leave(holder)
        except TransientError as exc:
            log.warning("the vault is not told that its second copy takes nothing new", why=str(exc))

    async def _go_on(self, folder: CopyFolder, holder: str, path: Path) -> None:
        """Follow from where the copy stands; return where it cannot be known what it missed."""
        await asyncio.to_thread(cut_torn_end, path / CHANGES)
        await asyncio.to_thread(folder.remove_all_but, path)  # who made this one was killed before it did
        last = await asyncio.to_thread(lambda: CopiedVault(path).last)
        if last is None:
            return
        try:
            async with changes_since(self._database, last.token) as stream:
                await self._follow(folder, holder, GrowingCopy(path), stream)
        except CannotGoOnError as exc:
            log.warning("the vault's second copy cannot go on from where it stood", why=str(exc))

    async def _begin(self, folder: CopyFolder, holder: str) -> None:
        """Make a new copy; the old one goes only where the vault holds all of it."""
        if (old := await asyncio.to_thread(newest_copy, self._path)) is not None:
            copied = CopiedVault(old)
            if lacking := await keys_lacking(self._database, copied):
                raise OlderVaultError(
                    f"the vault lacks {lacking} key(s) that {old} holds: it is an older or another one. "
                    "Restore it from that copy: guichet restore vault"
                )
        async with changes_since(self._database, None) as stream:
            await self._follow(folder, holder, None, stream)

    async def _follow(self, folder: CopyFolder, holder: str, current: GrowingCopy | None, stream: ChangeStream) -> None:
        following = Following(self._database, folder, holder, current, now=self._now, when_kept=self._all_is_well)
        await following.run(stream)

    def _all_is_well(self) -> None:
        self._is_doubtful = False
        for cause in CAUSES:
            clear_alarm(Alarm.VAULT_COPY, cause)

    def _tell(self, cause: str, error: Exception) -> None:
        log.warning("the vault has no second copy for now", cause=cause, why=str(error))
        raise_alarm(Alarm.VAULT_COPY, cause)


def _is_doubtful_after(error: OSError) -> bool:
    """Say whether the disk may have lost what it took: not where it refused to take more, unless while flushing."""
    return isinstance(error, FlushError) or error.errno not in _NO_ROOM


async def keep_no_copy(database: Database, sleep: Sleep) -> None:
    """Say in the vault that no copy is kept, where the setting is not there: nobody waits for one any more."""
    while True:
        try:
            if await CopyRecord(database).give_up():
                log.warning("the vault's second copy is given up: GUICHET_VAULT_COPY is not set")
            return
        except TransientError as exc:
            log.warning("the vault is not told that it has no second copy", why=str(exc))
        await sleep(PAUSE)
