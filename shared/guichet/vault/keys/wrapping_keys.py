"""The keys above data keys, opened and remembered for a while: buckets' keys, and parcels sealed by adapters."""

from collections.abc import Awaitable, Callable, Iterable, Sequence, Set
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from cachetools import TTLCache

from guichet.errors import TamperedError, TransientError
from guichet.ids import KeyId
from guichet.vault.keys.cache import remembered
from guichet.vault.keys.collections import VaultKeys
from guichet.vault.keys.documents import BucketedKey, BucketKey, OpeningKey, ParcelledKey, WrappedKey, bucket_key_id
from guichet.vault.keys.wrapping import BUCKETS, parcel_secret, unwrap_key
from guichet.vault.root_key.file import VARIABLE, RootKeyFile

_PAIRS_REMEMBERED = 8
_PARCELS_REMEMBERED = 4096

K = TypeVar("K")
V = TypeVar("V")


class RotatedError(TransientError):
    """A rotation came between two reads: to be tried again at once."""


class WrapperGoneError(RotatedError):
    """What wraps some data keys is not in the vault. If it stays so, they are none: their inserter had nothing to wrap
    them under, or came after the rotation.
    """

    def __init__(self, key_ids: Set[KeyId]) -> None:
        super().__init__(f"what wraps {len(key_ids)} key(s) is not in the vault: a rotation, or `guichet vault init`")
        self.key_ids = frozenset(key_ids)


@dataclass(frozen=True)
class Bucket:
    """A bucket's key, opened."""

    number: int
    generation: int
    secret: bytes = field(repr=False)


class KeyRing:
    """Opens what wraps data keys. Every method raises TransientError while the vault is away or being rotated."""

    def __init__(
        self, documents: VaultKeys, root: RootKeyFile, remembered_for: timedelta, seconds: Callable[[], float]
    ) -> None:
        self._documents = documents
        self._root = root
        ttl = remembered_for.total_seconds()
        self._in_use = TTLCache[int, Bucket, float](BUCKETS, ttl, seconds)
        self._buckets = TTLCache[str, bytes, float](2 * BUCKETS, ttl, seconds)
        self._private = TTLCache[int, bytes, float](_PAIRS_REMEMBERED, ttl, seconds)
        self._parcels = TTLCache[tuple[int, bytes], bytes, float](_PARCELS_REMEMBERED, ttl, seconds)

    async def buckets_in_use(self, numbers: set[int]) -> dict[int, Bucket]:
        """Return the buckets that new keys go under."""
        known = await _remembered(self._in_use, numbers, self._load_all_in_use)
        return {number: known[number] for number in numbers}

    async def still_in_use(self, buckets: Iterable[Bucket]) -> bool:
        """Ask the vault itself whether a rotation has replaced one of these; if so all are forgotten."""
        expected = {bucket.number: bucket.generation for bucket in buckets}
        found = await self._documents.bucket_keys_in_use(expected)
        same = {number: key.generation for number, key in found.items()} == expected
        if not same:
            self._in_use.clear()  # a rotation replaces many at once
        return same

    async def outer_secrets(self, keys: Sequence[WrappedKey]) -> dict[KeyId, bytes]:
        """Return, for each of these data keys, what it is wrapped under. Raises WrapperGoneError, too."""
        bucketed = {
            key.key_id: bucket_key_id(key.bucket, key.generation) for key in keys if isinstance(key, BucketedKey)
        }
        parcelled = {key.key_id: (key.generation, key.parcel) for key in keys if isinstance(key, ParcelledKey)}
        buckets = await _found(self._buckets, set(bucketed.values()), self._load_buckets)
        parcels = await _found(self._parcels, set(parcelled.values()), self._load_parcels)
        secrets = {key_id: buckets[wrapper] for key_id, wrapper in bucketed.items() if wrapper in buckets} | {
            key_id: parcels[wrapper] for key_id, wrapper in parcelled.items() if wrapper in parcels
        }
        if gone := {key.key_id for key in keys} - secrets.keys():
            raise WrapperGoneError(gone)
        return secrets

    async def check(self) -> None:
        """Raise TransientError unless the vault answers, is initialised, and the root key opens it.

        Root keys that left the file, and what is too old, are forgotten here even where nothing is read for hours.
        """
        self._root.refresh()
        for cache in (self._in_use, self._buckets, self._private, self._parcels):
            cache.expire()
        sealing = await self._documents.sealing_key()
        await _remembered(self._private, {sealing.generation}, self._load_private)

    async def _load_all_in_use(self, _numbers: set[int]) -> dict[int, Bucket]:
        """A key's bucket is drawn by lot: asked for one by one, nearly every one would cost a wait."""
        found = await self._documents.bucket_keys_in_use(range(BUCKETS))
        return {number: Bucket(number, key.generation, self._under_root(key)) for number, key in found.items()}

    async def _load_buckets(self, ids: set[str]) -> dict[str, bytes]:
        return {key.bucket_key_id: self._under_root(key) for key in await self._documents.bucket_keys(ids)}

    async def _load_parcels(self, parcels: set[tuple[int, bytes]]) -> dict[tuple[int, bytes], bytes]:
        generations = {generation for generation, _ in parcels}
        private = await _found(self._private, generations, self._load_private)
        return {parcel: parcel_secret(private[parcel[0]], parcel[1]) for parcel in parcels if parcel[0] in private}

    async def _load_private(self, generations: set[int]) -> dict[int, bytes]:
        found = await self._documents.opening_keys(generations)
        return {key.generation: self._under_root(key) for key in found}

    def _under_root(self, key: BucketKey | OpeningKey) -> bytes:
        """A wrong root key is the operator's to mend: until then everything waits, and nothing is dead-lettered."""
        try:
            root = self._root.key(key.root)
        except TransientError as exc:
            raise RotatedError(str(exc)) from exc  # or the file is not the newest: then so is every further try
        try:
            return unwrap_key(root, key.wrapped)
        except TamperedError as exc:
            raise TransientError(f"{VARIABLE}: its root key {key.root} is not this vault's. Restore the file.") from exc


async def _found(
    cache: TTLCache[K, V, float], wanted: set[K], load: Callable[[set[K]], Awaitable[dict[K, V]]]
) -> dict[K, V]:
    """Return what is remembered of these, and what can be loaded of the others."""
    known = remembered(cache, wanted)
    if absent := wanted - known.keys():
        fresh = await load(absent)
        cache.update(fresh)
        known |= fresh
    return known


async def _remembered(
    cache: TTLCache[K, V, float], wanted: set[K], load: Callable[[set[K]], Awaitable[dict[K, V]]]
) -> dict[K, V]:
    """Return all of these, remembered or loaded. Raises RotatedError."""
    known = await _found(cache, wanted, load)
    if lacking := wanted - known.keys():  # a rotation took it away between two reads: the next try sees the new one
        raise RotatedError(f"{len(lacking)} wrapping key(s) are not in the vault: a rotation, or `guichet vault init`")
    return known
