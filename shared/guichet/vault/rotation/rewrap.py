"""Re-wrap living data keys: those under the adapters' old pairs into buckets, then those of a touched bucket anew.

In this order, and each until none is left: what a process that slept past its lease still puts under an old bucket
key is seen by the second pass. A key is replaced only if it is still what was read: a destroyed one stays destroyed.

A key that somebody altered is carried along as it is, last: it opens nothing, as before, and is no destroyed one. What
wraps it goes all the same, or old copies would go on opening destroyed keys. Where many were altered the rotation ends
before it takes anything away, so that a backup of the vault can still come back.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeVar

from guichet.errors import TamperedError
from guichet.ids import KeyId
from guichet.mongo.lease import Lease
from guichet.runtime.telemetry.tampering_alarm import note_tampering
from guichet.vault.keys.documents import BucketedKey, WrappedKey, bucket_key_id
from guichet.vault.keys.wrapping import bucket_of, parcel_secret, unwrap_key, wrap_key
from guichet.vault.rotation.documents import RotationKeys
from guichet.vault.rotation.plan import Found, NewBucket

K = TypeVar("K", bound=WrappedKey)

MOST_BROKEN: Final = 50  # a disk's error or a try alters a few; below the size of what is read at once


class Rewrapping:
    """One rotation's. new: the touched buckets' new keys."""

    def __init__(self, keys: RotationKeys, lease: Lease, found: Found, new: Iterable[NewBucket]) -> None:
        self._keys = keys
        self._lease = lease
        self._found = found
        self._new = {bucket.key.bucket: bucket for bucket in new}
        in_use = found.in_use().values()
        self.broken: dict[KeyId, WrappedKey] = {}
        self._targets = {key.bucket: NewBucket(key, found.secrets[key.bucket_key_id]) for key in in_use} | self._new

    async def all(self, pair: int) -> int:
        """Re-wrap what lies under a pair older than `pair`, then under an old key of a touched bucket; count them.

        `broken` is then what does not open. Raises TransientError; TamperedError where that is more than MOST_BROKEN.
        """
        done = await self._parcelled(pair)
        for bucket in self._new.values():
            while (count := await self._one_pass(bucket)) is not None:
                done += count
        await self._keys.replace([(key, self._under_target(key, key.wrapped)) for key in self.broken.values()])
        return done

    async def _parcelled(self, pair: int) -> int:
        done = 0
        while keys := self._whole(await self._keys.parcelled_before(pair)):
            parcels = {(key.generation, key.parcel) for key in keys}
            private = self._found.private
            outer = {parcel: parcel_secret(private[parcel[0]], parcel[1]) for parcel in parcels if parcel[0] in private}
            done += await self._replace(keys, {key.key_id: outer.get((key.generation, key.parcel)) for key in keys})
        return done

    async def _one_pass(self, bucket: NewBucket) -> int | None:
        """Return how many keys of the bucket were re-wrapped, or None when none was left to look at."""
        done, after = None, ""
        while keys := await self._keys.bucketed_before(bucket.key, after):
            after = keys[-1].key_id
            if whole := self._whole(keys):
                secrets = self._found.secrets
                outer = {key.key_id: secrets.get(bucket_key_id(key.bucket, key.generation)) for key in whole}
                done = (done or 0) + await self._replace(whole, outer)
        return done

    def _whole(self, keys: Sequence[K]) -> list[K]:
        return [key for key in keys if key.key_id not in self.broken]

    async def _replace(self, keys: Sequence[K], outer: Mapping[KeyId, bytes | None]) -> int:
        await self._lease.keep()
        wrapped_anew = [(key, self._anew(key, secret)) for key in keys if (secret := outer[key.key_id]) is not None]
        if len(self.broken) > MOST_BROKEN:
            raise TamperedError(f"{len(self.broken)} or more keys of the vault do not open: they were altered")
        await self._keys.remove_noise([key for key in keys if outer[key.key_id] is None])
        anew = [(key, self._under_target(key, wrapped)) for key, wrapped in wrapped_anew if wrapped is not None]
        return await self._keys.replace(anew)

    def _anew(self, key: WrappedKey, outer: bytes) -> bytes | None:
        """Return the key wrapped under its bucket's key in use; None, and note it, where it does not open."""
        target = self._targets[bucket_of(key.key_id)]
        try:
            return wrap_key(target.secret, unwrap_key(outer, key.wrapped))
        except TamperedError:
            note_tampering("vault", f"key {key.key_id} of the vault does not open: it was changed")
            self.broken[key.key_id] = key
            return None

    def _under_target(self, key: WrappedKey, wrapped: bytes) -> BucketedKey:
        target = self._targets[bucket_of(key.key_id)].key
        return BucketedKey(_id=key.key_id, bucket=target.bucket, generation=target.generation, wrapped=wrapped)
