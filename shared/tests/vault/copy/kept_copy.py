"""A vault with a second copy that a task of the test keeps, and what the copy's folder opens with a root-key file."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from guichet.clock import SystemClock
from guichet.ids import KeyId
from guichet.mongo.dump import file_of, read_documents
from guichet.vault.copy.changes import decoded
from guichet.vault.copy.copied_vault import CopiedVault
from guichet.vault.copy.folder import CHANGES, newest_copy
from guichet.vault.copy.frames import read_frames
from guichet.vault.copy.keep import CopyKeeper
from guichet.vault.copy.record import CopyRecord
from guichet.vault.keys.collections import KEYS, VaultKeys
from guichet.vault.keys.second_copy import SecondCopy
from guichet.vault.root_key.file import read_root_keys
from guichet.vault.root_key.writer import RootKeyWriter
from guichet.vault.rotation.documents import RotationKeys
from guichet.vault.rotation.records import Rotations
from guichet.vault.rotation.rotate import VaultRotation
from guichet.vault.sealing import DataKey
from guichet_testing.until import until
from shared.tests.vault.rotation.rotated_town import AT_ONCE, Documents, Thief, Town

PARTS = ("keys", "bucket_keys", "opening_keys")


class CopiedTown:
    """A town's vault, and the folder of its second copy."""

    def __init__(self, town: Town, folder: Path) -> None:
        self.town, self.folder = town, folder
        self.record = CopyRecord(town.database)
        self.clock = SystemClock()

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Keep the copy as long as the block lasts; the task ends as a process that is told to."""
        async with self.keeping():
            await until(self.is_alive)
            yield

    @asynccontextmanager
    async def keeping(self) -> AsyncIterator[None]:
        """Try to keep it."""
        keeper = CopyKeeper(self.town.database, self.folder, now=self.clock.now, sleep=_soon)
        task = asyncio.create_task(keeper.run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def is_alive(self) -> bool:
        state = await self.record.state()
        return state is not None and bool(state["alive"])

    def documents(self) -> Documents:
        """Return what the copy that counts holds now, of what opens."""
        return {name: self.documents_of(name) for name in PARTS}

    def documents_of(self, name: str) -> list[dict[str, Any]]:
        """Return what it holds of one collection."""
        path = newest_copy(self.folder)
        assert path is not None
        return [dict(each) for each in CopiedVault(path).documents(name)]

    def opens(self) -> set[bytes]:
        """Return every secret that copy and root-key file open together."""
        return Thief(read_root_keys(self.town.root), [self.documents()]).secrets()

    def holds(self, keys: dict[KeyId, DataKey]) -> bool:
        return {key.secret for key in keys.values()} <= self.opens()

    def holds_more_than_keys(self) -> bool:
        """Say whether something lies among its keys that is none; a destroyed one's name counts for a key."""
        return any(each["_id"] not in self.town.living for each in self.documents()[KEYS])

    def rotation(self) -> VaultRotation:
        return VaultRotation(
            RotationKeys(self.town.database),
            Rotations(self.town.database, lasts=AT_ONCE),
            RootKeyWriter(self.town.root),
            second_copy=SecondCopy(self.town.database),
            now=self.clock.now,
        )

    def keys(self) -> VaultKeys:
        return VaultKeys(self.town.database)

    def stolen(self, to: Path) -> Path:
        """Copy the folder as it lies there now, whatever is being written."""
        shutil.copytree(self.folder, to)
        return to


async def _soon(_pause: timedelta) -> None:
    await asyncio.sleep(0.1)


def ever_held(path: Path | None) -> Documents:
    """Return everything that a copy's files hold: also what was written over since."""
    assert path is not None
    held: Documents = {name: [dict(each) for each in read_documents(path / file_of(name))] for name in PARTS}
    for content in read_frames(path / CHANGES):
        for change in decoded(content).documents:
            if change["in"] in PARTS and "doc" in change:
                held[change["in"]].append(change["doc"])
    return held
