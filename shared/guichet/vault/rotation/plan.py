"""What a rotation found of wrapping keys, opened, and what it brings in instead. Pure but for fresh keys."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from guichet.errors import TamperedError, TransientError
from guichet.vault.keys.documents import BucketKey, OpeningKey, SealingKey, bucket_key_id
from guichet.vault.keys.wrapping import new_pair, unwrap_key, wrap_key
from guichet.vault.root_key.file import VARIABLE
from guichet.vault.root_key.writer import RootKey
from guichet.vault.sealing import KEY_BYTES


@dataclass(frozen=True)
class Found:
    """Every wrapping key that was there at the beginning. private: generation → half; secrets: bucket key id → key."""

    bucket_keys: Sequence[BucketKey]
    private: Mapping[int, bytes] = field(repr=False)
    secrets: Mapping[str, bytes] = field(repr=False)

    def in_use(self) -> dict[int, BucketKey]:
        """Return each bucket's newest key."""
        return {key.bucket: key for key in sorted(self.bucket_keys, key=lambda key: key.generation)}


def open_found(bucket_keys: Sequence[BucketKey], pairs: Sequence[OpeningKey], roots: Mapping[int, bytes]) -> Found:
    """Open everything, so that a rotation under a wrong root-key file ends before it begins. Raises TransientError."""
    private = {pair.generation: under_root(pair, roots) for pair in pairs}
    return Found(bucket_keys, private, {key.bucket_key_id: under_root(key, roots) for key in bucket_keys})


def under_root(key: BucketKey | OpeningKey, roots: Mapping[int, bytes]) -> bytes:
    """Return what the root key wraps. Raises TransientError while the file lacks it or is another vault's."""
    try:
        return unwrap_key(roots[key.root], key.wrapped)
    except (KeyError, TamperedError) as exc:
        raise TransientError(f"{VARIABLE}: root key {key.root} of this vault is not in the file. Restore it.") from exc


@dataclass(frozen=True)
class Pair:
    """The new pair: documents, and nothing that opens."""

    opening: OpeningKey
    sealing: SealingKey


@dataclass(frozen=True)
class NewBucket:
    """A bucket's new key, and the secret that keys are re-wrapped under."""

    key: BucketKey
    secret: bytes = field(repr=False)


def plan_pair(found: Found, root: RootKey) -> Pair:
    """Return the pair that adapters are to seal to from now on."""
    generation = max(found.private, default=0) + 1
    private, public = new_pair()
    opening = OpeningKey(_id=generation, root=root.generation, wrapped=wrap_key(root.secret, private))
    return Pair(opening, SealingKey(_id=generation, public=public))


def plan_buckets(found: Found, touched: set[int], root: RootKey) -> list[NewBucket]:
    """Return a new key for each touched bucket."""
    newest = found.in_use()
    return [_new_bucket(bucket, newest[bucket].generation + 1, root) for bucket in sorted(touched)]


def _new_bucket(bucket: int, generation: int, root: RootKey) -> NewBucket:
    secret = secrets.token_bytes(KEY_BYTES)
    key = BucketKey(
        _id=bucket_key_id(bucket, generation),
        bucket=bucket,
        generation=generation,
        root=root.generation,
        wrapped=wrap_key(root.secret, secret),
    )
    return NewBucket(key, secret)
