"""A rotation of the vault: what old copies hold of destroyed keys becomes noise, and no living key is lost.

 1  a new generation in the root-key file (and its copy)
 2  a new pair for adapters, new keys for the buckets of what was destroyed: nothing new counts under older ones
 3  living keys are re-wrapped: those under old pairs, those of touched buckets; then what wrapped them is removed
 4  every other wrapping key is re-wrapped under the new root
 5  the vault's own backup is replaced, once the new one was read back and opened, and its second copy
 6  the old root keys are taken out of the file: from now on copies made before open nothing of what was destroyed

Killed anywhere, the next rotation finishes it: each begins with a generation of its own and takes along whatever lies
under an older one (a bucket's destroyed keys await a rotation until one is done). Services go on meanwhile: who makes a
key looks again, after the key is durable, whether what wraps it is still the newest (guichet.vault.pool,
guichet.vault.mongo_vault); who opens one reads it again where its wrapping key is gone.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Final

import structlog

from guichet.errors import SettingsError, TamperedError, TransientError
from guichet.mongo.client import Database
from guichet.mongo.lease import Lease
from guichet.runtime.settings import RotationSettings
from guichet.runtime.telemetry.alarms import Alarm, raise_alarm
from guichet.vault.backup import VaultBackups
from guichet.vault.keys.second_copy import SecondCopy
from guichet.vault.keys.wrapping import wrap_key
from guichet.vault.restore import read_backup
from guichet.vault.root_key.writer import RootKey, RootKeyWriter
from guichet.vault.rotation.documents import RotationKeys
from guichet.vault.rotation.plan import Found, open_found, plan_buckets, plan_pair, under_root
from guichet.vault.rotation.ports import Rotation, RotationReport
from guichet.vault.rotation.records import Rotations
from guichet.vault.rotation.rewrap import Rewrapping

log = structlog.get_logger()

BackUp = Callable[[Callable[[], Awaitable[None]]], Awaitable[None]]
"""Replaces the vault's own backup; calls what it is given often, so that the lease is kept."""


async def _no_backup(_keep: Callable[[], Awaitable[None]]) -> None:
    return


NO_BACKUP: Final[BackUp] = _no_backup


class VaultRotation(Rotation):
    """Rotates the keys of a vault in MongoDB. now: aware UTC.

    Of two who ask the same one, as the night and an erasure do, the second waits: refused, it would try a minute later.
    """

    def __init__(
        self,
        keys: RotationKeys,
        rotations: Rotations,
        root: RootKeyWriter,
        *,
        back_up: BackUp = NO_BACKUP,
        second_copy: SecondCopy | None = None,
        now: Callable[[], datetime],
    ) -> None:
        self._keys = keys
        self._turns = rotations
        self._root = root
        self._back_up = back_up
        self._second_copy = second_copy
        self._now = now
        self._under_way = asyncio.Lock()

    async def run(self) -> RotationReport:
        try:
            async with self._under_way, self._turns.lease() as lease:
                report = await self._rotate(lease)
        except TamperedError as exc:
            raise_alarm(Alarm.TAMPERED, "vault")
            raise TransientError(f"the vault cannot be rotated: {exc}") from exc
        except SettingsError as exc:
            raise TransientError(f"the vault cannot be rotated: {exc}") from exc
        log.info("vault rotated", generation=report.generation, buckets=report.buckets, keys=report.keys)
        return report

    async def _rotate(self, lease: Lease) -> RotationReport:
        began_at = self._now()
        await self._require_second_copy()
        found = await self._find()
        root = await asyncio.to_thread(self._root.add_generation)
        buckets, keys, broken = await self._replace_wrapping(lease, found, root)
        await self._put_all_under(root, lease)
        await self._back_up(lease.keep)
        if self._second_copy is not None:
            await self._second_copy.prune(root.generation, lease.keep)
        await lease.keep()
        await asyncio.to_thread(self._root.keep_from, root.generation)
        await self._keys.finish_destroyed(root.generation)
        report = RotationReport(
            root.generation, began_at=began_at, ended_at=self._now(), buckets=buckets, keys=keys, broken=broken
        )
        await self._turns.record(report)
        return report

    async def _require_second_copy(self) -> None:
        """While it is away none begins: a copy under a root key that is gone would be none, and old ones stay there."""
        if self._second_copy is not None:
            await self._second_copy.is_kept()

    async def _find(self) -> Found:
        roots = await asyncio.to_thread(self._root.keys)
        pairs = await self._keys.all_opening_keys()
        if not pairs:
            raise TransientError("the vault is not initialised: run `guichet vault init`")
        return open_found(await self._keys.all_bucket_keys(), pairs, roots)

    async def _replace_wrapping(self, lease: Lease, found: Found, root: RootKey) -> tuple[int, int, int]:
        """Steps 2 and 3. Return how many buckets were touched, keys re-wrapped, and keys found broken."""
        touched = await self._keys.take_on_destroyed(root.generation)
        pair, new = plan_pair(found, root), plan_buckets(found, touched, root)
        generation = pair.sealing.generation
        old = [key.bucket_key_id for key in found.bucket_keys if key.bucket in touched]
        await lease.with_proof(self._keys.bringing_in((pair.opening, pair.sealing), [each.key for each in new]))
        rewrapping = Rewrapping(self._keys, lease, found, new)
        rewrapped = await rewrapping.all(generation)
        await self._keys.remove_wrapping(generation, old)
        return len(touched), rewrapped, len(rewrapping.broken)

    async def _put_all_under(self, root: RootKey, lease: Lease) -> None:
        """Step 4, until nothing lies under an older root key."""
        roots = await asyncio.to_thread(self._root.keys)
        while True:
            await lease.keep()
            older = await self._keys.under_older_root(root.generation)
            if not older:
                return
            anew = [(key, wrap_key(root.secret, under_root(key, roots))) for key in older]
            await self._keys.rewrap(anew, root.generation)


def open_rotation(settings: RotationSettings, database: Database, clock: Callable[[], datetime]) -> VaultRotation:
    """Build the rotation of who may rotate. database: the vault's. clock: aware UTC."""
    root = RootKeyWriter(settings.root_key_file, settings.root_key_copy)
    read_back = partial(read_backup, root_key_file=settings.root_key_file)
    backups = VaultBackups(database, settings.vault_backups, read_back=read_back, clock=clock)
    return VaultRotation(
        RotationKeys(database),
        Rotations(database),
        root,
        back_up=backups.replace,
        second_copy=SecondCopy(database),
        now=clock,
    )
