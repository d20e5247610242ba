"""Re-wrap living data keys: those under the adapters' old pairs into buckets, then those of a touched bucket anew.

In this order, and each until none is left: what a process that slept through its turn still puts under an old bucket
key is seen by the second pass. A key is replaced only if it is still what was read: a destroyed one stays destroyed.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from guichet.errors import TamperedError
from guichet.ids import KeyId
from guichet.privacy.vault_documents import BucketedKey, ParcelledKey, WrappedKey, bucket_key_id
from guichet.privacy.wrapping import bucket_of, open_parcel, unwrap_key, wrap_key
from guichet.store.lease import Lease
from guichet.store.turn_plan import Found, NewBucket
from guichet.store.turning_keys import TurningKeys

K = TypeVar("K", bound=WrappedKey)


class Rewrapping:
    """One turn's. new: the touched buckets' new keys."""

    def __init__(self, keys: TurningKeys, lease: Lease, found: Found, new: Iterable[NewBucket]) -> None:
        self._keys = keys
        self._lease = lease
        self._found = found
        self._new = {bucket.key.bucket: bucket for bucket in new}
        in_use = found.in_use().values()
        self._targets = {key.bucket: NewBucket(key, found.secrets[key.bucket_key_id]) for key in in_use} | self._new

    async def all(self, pair: int) -> int:
        """Re-wrap what lies under a pair older than `pair`, then under an old key of a touched bucket; count them.

        Raises TransientError; TamperedError naming a key that does not open.
        """
        done = await self._parcelled(pair)
        for bucket in self._new.values():
            while (count := await self._one_pass(bucket)) is not None:
                done += count
        return done

    async def _parcelled(self, pair: int) -> int:
        done = 0
        while keys := await self._keys.parcelled_before(pair):
            parcels = {(key.generation, key.parcel) for key in keys}
            private = self._found.private
            outer = {parcel: open_parcel(private[parcel[0]], parcel[1]) for parcel in parcels if parcel[0] in private}
            done += await self._replace(keys, {key.key_id: outer.get((key.generation, key.parcel)) for key in keys})
        return done

    async def _one_pass(self, bucket: NewBucket) -> int | None:
        """Return how many keys of the bucket were re-wrapped, or None when none was left to look at."""
        done, after = None, ""
        while keys := await self._keys.bucketed_before(bucket.key, after):
            after = keys[-1].key_id
            outer = {key.key_id: self._found.secrets.get(bucket_key_id(key.bucket, key.generation)) for key in keys}
            done = (done or 0) + await self._replace(keys, outer)
        return done

    async def _replace(self, keys: Sequence[K], outer: Mapping[KeyId, bytes | None]) -> int:
        await self._lease.keep()
        await self._keys.remove_noise([key for key in keys if outer[key.key_id] is None])
        wrapped = [(key, secret) for key in keys if (secret := outer[key.key_id]) is not None]
        return await self._keys.replace([(key, self._anew(key, secret)) for key, secret in wrapped])

    def _anew(self, key: BucketedKey | ParcelledKey, outer: bytes) -> BucketedKey:
        target = self._targets[bucket_of(key.key_id)]
        try:
            secret = unwrap_key(outer, key.wrapped)
        except TamperedError as exc:
            raise TamperedError(f"key {key.key_id} of the vault does not open: it was changed") from exc
        return BucketedKey(
            _id=key.key_id,
            bucket=target.key.bucket,
            generation=target.key.generation,
            wrapped=wrap_key(target.secret, secret),
        )
