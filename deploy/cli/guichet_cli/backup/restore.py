"""Put the data back, erase again what was erased since, have every group go on from where it stood then."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Final

from guichet.contracts.topics import TOPICS
from guichet.errors import PermanentError, TransientError
from guichet.kafka.admin.group_offsets import registered_groups, running_groups, set_offsets
from guichet.kafka.admin.offsets import Offsets
from guichet.mongo.backup_files import Manifest
from guichet.runtime.settings import KafkaSettings
from guichet.store.objects import CLAIM, ObjectStore
from guichet.store.setup.restore import DataRestore
from guichet_cli.backup.object_files import put_back
from guichet_cli.backup.offsets import Resumption, resume
from guichet_cli.console.command import operators_now
from guichet_cli.console.progress import Progress

NEW_BROKER_S: Final = 60  # a broker that was just started may take so long to answer about groups


@dataclass(frozen=True)
class Restored:
    """What was done. erased: how many erasures were applied again."""

    manifest: Manifest
    erased: int
    resumption: Resumption


@dataclass(frozen=True)
class DataRestoration:
    """Collaborators of one restore. erase_again: applies the ledger, returns how many erasures.

    migrate: brings what an older version backed up to today's form, in which erasures are found.
    """

    kafka: KafkaSettings
    data: DataRestore
    objects: ObjectStore
    check_vault: Callable[[], Awaitable[None]]
    migrate: Callable[[], Awaitable[object]]
    erase_again: Callable[[], Awaitable[int]]
    progress: Progress

    async def refuse_unless_ready(self, *, replace: bool) -> None:
        """Raise PermanentError while a service runs, or where data is there that nobody said to replace."""
        if running := await self._running():
            raise PermanentError(f"{', '.join(running)} run(s): stop every service, the adapters too, then restore.")
        await self.check_vault()
        if not replace and not await self.data.is_empty():
            raise PermanentError("The database is not empty. Give --replace to lose what is in it.")

    async def _running(self) -> list[str]:
        """Ask the broker, a new one again and again: it makes the topic of group offsets when it is first asked."""
        until = monotonic() + NEW_BROKER_S
        while True:
            try:
                return await running_groups(self.kafka, registered_groups())
            except TransientError:
                if monotonic() > until:
                    raise
            await asyncio.sleep(1)

    async def run(self, folder: Path, manifest: Manifest) -> Restored:
        """Restore; killed anywhere it must be run again, with --replace: until then nobody opens anything."""
        await self.data.begin(operators_now())
        await self.objects.delete(CLAIM)  # messages filed since have no document: who claims anew waits a month
        await self.data.replace(folder, self.progress.beat)
        if manifest.objects is not None:
            await put_back(self.objects, folder, self.progress.beat)
        self.progress.end()
        await self.migrate()
        erased = await self.erase_again()
        resumption = await self._go_on_from(manifest)
        await self.data.end()
        return Restored(manifest, erased, resumption)

    async def _go_on_from(self, manifest: Manifest) -> Resumption:
        async with Offsets(self.kafka) as offsets:
            resumption = resume(manifest.offsets, await offsets.lags(TOPICS))
        for group, partitions in resumption.offsets.items():
            await set_offsets(self.kafka, group, partitions)
        return resumption
