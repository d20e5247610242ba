"""Whether a vault lacks what its second copy holds: then it is another vault than the copy's, or an older one.

Such a copy is never written over: it may be all that is left of the keys.
"""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pymongo import DESCENDING

from guichet.batches import batched
from guichet.ids import is_id
from guichet.mongo.client import Database, translate_errors
from guichet.vault.copy.copied_vault import CopiedVault, Document
from guichet.vault.keys.collections import BUCKET_KEYS, KEYS, OPENING_KEYS, RESTORING

_BATCH: Final = 1000


@translate_errors
async def keys_lacking(database: Database, copied: CopiedVault) -> int:
    """Return how many living keys of the copy the vault neither holds nor knows to be destroyed.

    Those do not count whose wrapping key a rotation has replaced since: it removed them, as nobody was given them.
    Raises TransientError, PermanentError where the copy is damaged.
    """
    newest = await _newest_wrapping(database)
    keys = batched(_living(copied), _BATCH)
    lacking = 0
    while batch := await asyncio.to_thread(next, keys, None):
        there = {
            found["_id"]
            async for found in database[KEYS].find({"_id": {"$in": [key["_id"] for key in batch]}}, {"_id": 1})
        }
        lacking += sum(1 for key in batch if key["_id"] not in there and not _is_noise(key, newest))
    return lacking


def _living(copied: CopiedVault) -> Iterator[Document]:
    return (key for key in copied.documents(KEYS) if is_id(key["_id"]) and "wrapped" in key)


async def _newest_wrapping(database: Database) -> dict[object, int]:
    """Return generations: of the pair under "hpke", of each bucket under its number."""
    pair = await database[OPENING_KEYS].find_one({}, {"_id": 1}, sort=[("_id", DESCENDING)])
    buckets = database[BUCKET_KEYS].find({"_id": {"$ne": RESTORING}}, {"bucket": 1, "generation": 1})
    newest: dict[object, int] = {"hpke": 0 if pair is None else pair["_id"]}
    async for each in buckets:
        newest[each["bucket"]] = max(each["generation"], newest.get(each["bucket"], 0))
    return newest


def _is_noise(key: Mapping[str, Any], newest: Mapping[object, int]) -> bool:
    wrapper = "hpke" if key["form"] == "hpke" else key.get("bucket")
    return int(key.get("generation", 0)) < newest.get(wrapper, 0)
