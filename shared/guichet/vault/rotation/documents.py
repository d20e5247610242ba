"""What a rotation does with the vault's documents, beside what every opener does (guichet.vault.keys.collections).

A destroyed key awaits a rotation: `awaits_turn` is 0 until one takes it on, then that rotation's generation, then gone.
No clock is compared: a process whose clock is wrong destroys as surely as the others.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Final

from pymongo import DeleteOne, ReplaceOne, UpdateOne

from guichet.ids import ID, is_id
from guichet.mongo.client import Database, translate_errors
from guichet.vault.keys.collections import BUCKET_KEYS, KEYS, OPENING_KEYS, RESTORING, SEALING_KEYS
from guichet.vault.keys.documents import (
    BucketedKey,
    BucketKey,
    OpeningKey,
    ParcelledKey,
    SealingKey,
    WrappedKey,
)
from guichet.vault.keys.wrapping import bucket_of, ids_of_bucket

BATCH: Final = 1000

# Any adapter may insert anything among the keys: what is none has nothing to be wrapped anew, and stays where it lies.
_BYTES: Final = {"$type": "binData"}
_WHOLE: Final = {"$type": ["int", "long"]}
_A_KEY: Final[dict[str, Any]] = {"_id": {"$regex": ID}, "wrapped": _BYTES}


class RotationKeys:
    """Documents of the vault for the one process that rotates. Every method raises TransientError."""

    def __init__(self, database: Database) -> None:
        self._keys = database[KEYS]
        self._buckets = database[BUCKET_KEYS]
        self._sealing = database[SEALING_KEYS]
        self._opening = database[OPENING_KEYS]

    @translate_errors
    async def take_on_destroyed(self, rotation: int) -> set[int]:
        """Mark every destroyed key that awaits a rotation as this rotation's; return the buckets they lay in."""
        await self._keys.update_many({"awaits_turn": {"$gte": 0}}, {"$set": {"awaits_turn": rotation}})
        taken_on = self._keys.find({"awaits_turn": rotation}, {"_id": 1})
        return {bucket_of(found["_id"]) async for found in taken_on if is_id(found["_id"])}

    @translate_errors
    async def finish_destroyed(self, rotation: int) -> None:
        """What this rotation took on is in no copy any more."""
        await self._keys.update_many({"awaits_turn": rotation}, {"$unset": {"awaits_turn": ""}})

    @translate_errors
    async def all_bucket_keys(self) -> list[BucketKey]:
        """Return every bucket key."""
        query = {"_id": {"$ne": RESTORING}}
        return [BucketKey.model_validate(found) for found in await self._buckets.find(query).to_list(None)]

    @translate_errors
    async def all_opening_keys(self) -> list[OpeningKey]:
        """Return every private half."""
        return [OpeningKey.model_validate(found) for found in await self._opening.find().to_list(None)]

    def bringing_in(
        self, pair: tuple[OpeningKey, SealingKey], buckets: Sequence[BucketKey]
    ) -> Callable[[Any], Awaitable[None]]:
        """Return what inserts wrapping keys in a session's transaction: then no new key counts under older ones.

        Nobody sees a public half without its private one.
        """

        async def write(session: Any) -> None:
            await self._opening.insert_one(_document(pair[0]), session=session)
            await self._sealing.insert_one(_document(pair[1]), session=session)
            if buckets:
                await self._buckets.insert_many([_document(key) for key in buckets], session=session)

        return write

    @translate_errors
    async def parcelled_before(self, pair: int) -> list[ParcelledKey]:
        """Return some keys that lie under a pair older than `pair`; none: no such key is left."""
        query = {**_A_KEY, "form": "hpke", "generation": {"$lt": pair, **_WHOLE}, "parcel": _BYTES}
        found = self._keys.find(query).limit(BATCH)
        return [ParcelledKey.model_validate(document) async for document in found]

    @translate_errors
    async def bucketed_before(self, newest: BucketKey, after: str) -> list[BucketedKey]:
        """Return some keys of a bucket, in order of id and past `after`, that lie under an older key of it."""
        first, end = ids_of_bucket(newest.bucket)
        ids = {"$gt": after, "$lt": end} if after else {"$gte": first, "$lt": end}
        under = {"generation": {"$lt": newest.generation, **_WHOLE}, "bucket": _WHOLE}
        query = {**_A_KEY, "_id": {**_A_KEY["_id"], **ids}, "form": "bucket", **under}
        found = self._keys.find(query).sort("_id", 1).limit(BATCH)
        return [BucketedKey.model_validate(document) async for document in found]

    @translate_errors
    async def replace(self, pairs: Sequence[tuple[WrappedKey, BucketedKey]]) -> int:
        """Put the new form in the place of the old one, unless the key was destroyed meanwhile; return how many."""
        if not pairs:
            return 0
        writes = [ReplaceOne(_still(old), _document(new)) for old, new in pairs]
        return (await self._keys.bulk_write(writes, ordered=False)).modified_count

    @translate_errors
    async def remove_noise(self, keys: Sequence[WrappedKey]) -> None:
        """Remove keys whose wrapping key is gone: they came in after their rotation, so nobody was ever given them."""
        if keys:
            await self._keys.bulk_write([DeleteOne(_still(key)) for key in keys], ordered=False)

    @translate_errors
    async def remove_wrapping(self, pair: int, bucket_keys: Iterable[str]) -> None:
        """Remove the pairs older than `pair`, public half first, and these bucket keys."""
        await self._sealing.delete_many({"_id": {"$lt": pair}})
        await self._opening.delete_many({"_id": {"$lt": pair}})
        await self._buckets.delete_many({"_id": {"$in": [*bucket_keys]}})

    async def under_older_root(self, root: int) -> list[BucketKey | OpeningKey]:
        """Return every wrapping key that lies under a root key before `root`."""
        wrapping: list[BucketKey | OpeningKey] = [*await self.all_bucket_keys(), *await self.all_opening_keys()]
        return [key for key in wrapping if key.root < root]

    @translate_errors
    async def rewrap(self, keys: Sequence[tuple[BucketKey | OpeningKey, bytes]], root: int) -> None:
        """Put each wrapping key, wrapped anew, under root key `root`, unless somebody did so meanwhile."""
        for collection, kind in ((self._buckets, BucketKey), (self._opening, OpeningKey)):
            mine = [(_document(key), wrapped) for key, wrapped in keys if isinstance(key, kind)]
            writes = [
                UpdateOne({"_id": old["_id"], "root": old["root"]}, {"$set": {"root": root, "wrapped": wrapped}})
                for old, wrapped in mine
            ]
            if writes:
                await collection.bulk_write(writes, ordered=False)


def _document(model: WrappedKey | BucketKey | OpeningKey | SealingKey) -> dict[str, Any]:
    return model.model_dump(by_alias=True)


def _still(key: WrappedKey) -> dict[str, Any]:
    """A key that is as it was read: not destroyed, and not wrapped anew by a process that slept past its lease."""
    return {"_id": key.key_id, "form": key.form, "generation": key.generation}
