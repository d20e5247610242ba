"""A machine that was put back from a snapshot knows nothing of the erasures since: nobody may open anything there."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from guichet.errors import SettingsError
from guichet.vault.keys.locked import VaultLock
from guichet.vault.root_key.age import refuse_older


@dataclass(frozen=True)
class MachineAge:
    """root_key_file, copy: of the vault; the copy lies on a disk that no snapshot of this machine holds."""

    root_key_file: Path
    copy: Path | None
    lock: VaultLock

    async def check(self) -> None:
        """Lock the vault, for every process, where this machine is older than its root-key file's copy, and raise
        SettingsError; unlock what was locked for that reason and holds no longer. Raises TransientError.
        """
        try:
            await asyncio.to_thread(refuse_older, self.root_key_file, self.copy)
        except SettingsError:
            await self.lock.lock()
            raise
        await self.lock.unlock()
