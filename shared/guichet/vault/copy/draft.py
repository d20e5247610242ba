"""A new copy of the vault, made beside the one in use: a backup, and all that happens while it is made.

It is whole once it also holds what happened until its backup was done: a document that changed meanwhile stands in the
backup as it was before or after, and among the changes as it is.
"""

import asyncio
import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from bson.timestamp import Timestamp

from guichet.mongo.backup_files import BackupFile, Manifest, current_version
from guichet.mongo.client import Database
from guichet.mongo.dump import dump
from guichet.vault.copy.changes import belongs
from guichet.vault.copy.folder import CopyFolder, GrowingCopy
from guichet.vault.schema import vault_collections


@dataclass
class CopyDraft:
    """generation: of the rotation that asked for it; None: nobody did. whole_at: when it is, once known."""

    generation: int | None
    begun_at: datetime
    path: Path
    copy: GrowingCopy
    dumping: asyncio.Task[list[BackupFile]] = field(repr=False)
    whole_at: Timestamp | None = None

    def manifest(self) -> Manifest:
        """Return what makes it a copy. Raises what the backup failed of: TransientError, PermanentError, OSError."""
        files = tuple(self.dumping.result())
        return Manifest(kind="vault", taken_at=self.begun_at, version=current_version(), files=files)

    async def drop(self) -> None:
        """Leave nothing of it."""
        self.dumping.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await self.dumping
        with suppress(OSError):
            self.copy.close()
            await asyncio.to_thread(shutil.rmtree, self.path)


async def begin_draft(database: Database, folder: CopyFolder, generation: int | None, now: datetime) -> CopyDraft:
    """Begin one; whatever the caller reads of the stream from now on is to be added to it. Raises OSError."""
    path = await asyncio.to_thread(folder.begin, now)
    copy = GrowingCopy(path)
    return CopyDraft(generation, now, path, copy, asyncio.create_task(_dump(database, path), name="copy of the vault"))


async def _dump(database: Database, path: Path) -> list[BackupFile]:
    async def beat(_name: str, _count: int) -> None:
        return

    return await dump(database, vault_collections(), path, beat, keeps=belongs)
