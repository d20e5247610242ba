"""Initialise the vault: root-key file, bucket keys, the pair that adapters seal to. Repeating it changes nothing."""

import secrets
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from guichet.errors import SettingsError, TamperedError
from guichet.mongo.client import Database
from guichet.vault.keys.collections import VaultKeys
from guichet.vault.keys.documents import BucketKey, OpeningKey, SealingKey, bucket_key_id
from guichet.vault.keys.wrapping import BUCKETS, new_pair, public_half, unwrap_key, wrap_key
from guichet.vault.root_key.file import VARIABLE, RootKeyFile, make_root_key_file
from guichet.vault.rotation.ports import RotationReport
from guichet.vault.rotation.records import Rotations
from guichet.vault.schema import prepare_vault
from guichet.vault.sealing import KEY_BYTES

FIRST = 1


async def initialise_vault(database: Database, root_key_file: Path, *, clock: Callable[[], datetime]) -> bool:
    """Make what is missing; return True if the root-key file was made.

    Raises SettingsError when the vault already holds keys and the root-key file is missing or another vault's:
    a new one would open nothing. Raises TransientError.
    """
    await prepare_vault(database)
    documents = VaultKeys(database)
    is_new = await documents.newest_opening_key() is None
    made = is_new and make_root_key_file(root_key_file)
    root = RootKeyFile(root_key_file)
    if is_new:  # counts as a rotation: the next one is due the night after
        now = clock()
        await Rotations(database).record(
            RotationReport(root.newest()[0], began_at=now, ended_at=now, buckets=0, keys=0)
        )
    await _add_pair(documents, root)
    there = await documents.bucket_keys_in_use(range(BUCKETS))
    await documents.add_bucket_keys(_new_bucket_keys(root, set(range(BUCKETS)) - there.keys()))
    return made


async def _add_pair(documents: VaultKeys, root: RootKeyFile) -> None:
    """Private half first: a public half that nobody can open must never be seen by an adapter."""
    opening = await documents.newest_opening_key()
    if opening is None:
        generation, key = root.newest()
        ours = OpeningKey(_id=FIRST, root=generation, wrapped=wrap_key(key, new_pair()[0]))
        opening = await documents.add_opening_key(ours)
    try:
        private = unwrap_key(root.key(opening.root), opening.wrapped)
    except TamperedError as exc:
        raise SettingsError(
            f"{VARIABLE} names {root.path}, the root key of another vault. Restore the right one."
        ) from exc
    await documents.add_sealing_key(SealingKey(_id=opening.generation, public=public_half(private)))


def _new_bucket_keys(root: RootKeyFile, buckets: set[int]) -> list[BucketKey]:
    generation, key = root.newest()
    return [
        BucketKey(
            _id=bucket_key_id(bucket, FIRST),
            bucket=bucket,
            generation=FIRST,
            root=generation,
            wrapped=wrap_key(key, secrets.token_bytes(KEY_BYTES)),
        )
        for bucket in sorted(buckets)
    ]
