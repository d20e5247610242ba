"""The vault of those who may open what is sealed: router, notifier, desk, gdpr-worker, the `guichet` command."""

import secrets
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeVar

import structlog
from cachetools import TTLCache

from guichet.clock import never_behind
from guichet.errors import TamperedError
from guichet.ids import KeyId
from guichet.mongo.client import connect_vault
from guichet.runtime.settings import KEYS_REMEMBERED_FOR, OpeningSettings, VaultSettings
from guichet.runtime.telemetry.tampering_alarm import note_tampering
from guichet.vault.keys.cache import remembered
from guichet.vault.keys.collections import VaultKeys
from guichet.vault.keys.documents import BucketedKey, WrappedKey
from guichet.vault.keys.wrapping import BUCKETS, bucket_of, new_keys_in, new_search_key, unwrap_key, wrap_key
from guichet.vault.keys.wrapping_keys import KeyRing, RotatedError, WrapperGoneError
from guichet.vault.pool import KeyPool, KeyReserve
from guichet.vault.ports import Vault
from guichet.vault.root_key.file import RootKeyFile
from guichet.vault.sealing import DataKey, broken_key, missing_key

KEYS_REMEMBERED = 20_000  # about 8 MB
_TRIES: Final = 3  # a rotation takes an old key away once: whoever then reads again finds the new one

R = TypeVar("R")

log = structlog.get_logger()


class MongoVault(Vault):
    """Vault in MongoDB. remembered_for: see OpeningSettings. now: aware UTC."""

    def __init__(
        self,
        documents: VaultKeys,
        root: RootKeyFile,
        *,
        remembered_for: timedelta = KEYS_REMEMBERED_FOR,
        now: Callable[[], datetime],
    ) -> None:
        self._documents = documents
        seconds = never_behind(now)
        self._ring = KeyRing(documents, root, remembered_for, seconds)
        self._opened = TTLCache[KeyId, DataKey, float](KEYS_REMEMBERED, remembered_for.total_seconds(), seconds)
        self._now = now

    async def new_keys(self, count: int) -> list[DataKey]:
        return await _despite_rotations(partial(self._make, count))

    async def _make(self, count: int) -> list[DataKey]:
        """As in the key pool, what wraps a key must still be in use after the key is durable.

        Keys that are made together share a bucket: one to look up and to look at again, not one for each key.
        """
        number = secrets.randbelow(BUCKETS)
        return await self._keep(number, new_keys_in(number, count))

    async def new_search_key(self) -> DataKey:
        """Return a key for a search file: see guichet.vault.search_keys. Raises TransientError."""
        return await _despite_rotations(self._make_search_key)

    async def _make_search_key(self) -> DataKey:
        key = new_search_key()
        await self._keep(bucket_of(key.key_id), [key])
        return key

    async def _keep(self, number: int, keys: list[DataKey]) -> list[DataKey]:
        bucket = (await self._ring.buckets_in_use({number}))[number]
        await self._documents.insert_keys(
            [
                BucketedKey(
                    _id=key.key_id,
                    bucket=number,
                    generation=bucket.generation,
                    wrapped=wrap_key(bucket.secret, key.secret),
                )
                for key in keys
            ]
        )
        if not await self._ring.still_in_use([bucket]):
            raise RotatedError("the vault rotated its keys meanwhile: the next try uses its new keys")
        return keys

    def pool(self, capacity: int) -> KeyReserve:
        """Return keys made ahead in bulk: a key from it costs no wait for the vault; `new_keys` costs two."""
        return KeyReserve(self.new_keys, capacity)

    async def open_keys(self, key_ids: Iterable[KeyId]) -> dict[KeyId, DataKey]:
        wanted = set(key_ids)
        known = remembered(self._opened, wanted)
        if absent := wanted - known.keys():
            fresh = await self._load_despite_rotations(absent)
            self._opened.update({name: key for name, key in fresh.items() if key.is_held})  # it may come back
            known |= fresh
        return known

    async def destroy_keys(self, key_ids: Iterable[KeyId]) -> None:
        """Other processes may remember a key for `remembered_for`."""
        doomed = set(key_ids)
        await self._documents.destroy_keys(doomed, self._now())
        for key_id in doomed:
            self._opened.pop(key_id, None)

    async def check(self) -> None:
        """Raise unless the vault answers, is initialised, and this root key opens it. For health and start-up."""
        self._opened.expire()
        await self._ring.check()
        await self._documents.living_keys([])

    async def _load_despite_rotations(self, key_ids: set[KeyId]) -> dict[KeyId, DataKey]:
        """Where nothing wraps a key after all tries, the vault never held it: else one that an adapter invented, and
        named in a message, would have everybody wait who meets it.
        """
        try:
            return await _despite_rotations(partial(self._load, key_ids))
        except WrapperGoneError as gone:
            await self.check()
            rest = await self._load_despite_rotations(key_ids - gone.key_ids)
            return rest | {key_id: missing_key(key_id) for key_id in gone.key_ids}

    async def _load(self, key_ids: set[KeyId]) -> dict[KeyId, DataKey]:
        living, destroyed = await self._documents.living_keys(key_ids)
        never_held = key_ids - destroyed - {key.key_id for key in living}
        if never_held:
            await self.check()  # an empty or foreign vault is a mistake of today's, and everything waits
        return await self._open(living) | {key: missing_key(key) for key in never_held}

    async def _open(self, keys: list[WrappedKey]) -> dict[KeyId, DataKey]:
        outer = await self._ring.outer_secrets(keys)
        return {key.key_id: _unwrapped(key, outer[key.key_id]) for key in keys}


def _unwrapped(key: WrappedKey, outer: bytes) -> DataKey:
    """A key that somebody changed opens nothing; those that are asked for with it open what they did."""
    try:
        return DataKey(key.key_id, unwrap_key(outer, key.wrapped))
    except TamperedError:
        note_tampering("key", f"key {key.key_id} of the vault does not open")
        return broken_key(key.key_id)


async def _despite_rotations(act: Callable[[], Awaitable[R]]) -> R:
    """A person at a page must not be told of a rotation that came between two reads."""
    for _ in range(_TRIES - 1):
        with suppress(RotatedError):
            return await act()
    return await act()


def open_vault(settings: OpeningSettings, clock: Callable[[], datetime], *, repeats_writes: bool = True) -> MongoVault:
    """Build the vault of a service that may open, inside the running loop. clock: aware UTC.

    repeats_writes: see guichet.mongo.client. Raises SettingsError (root-key file).
    """
    keys = VaultKeys(connect_vault(settings, repeats_writes=repeats_writes))
    return MongoVault(keys, RootKeyFile(settings.root_key_file), remembered_for=settings.keys_remembered_for, now=clock)


def key_pool(settings: VaultSettings) -> KeyPool:
    """Build the key source of a service that only seals. Inside the running loop."""
    return KeyPool(VaultKeys(connect_vault(settings)))
