"""Many documents in one round trip.

Look-ups: left alone, the driver asks again after the first 101 documents. Insertion where a duplicate is a success:
about five times faster than the same as upserts.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo.errors import BulkWriteError

_WHOLE_ANSWER: Final = 10_000  # documents, far more than a batch asks for; MongoDB cuts an answer at 16 MB all the same


async def find_all(
    collection: AsyncIOMotorCollection[dict[str, Any]],
    query: dict[str, Any],
    fields: Iterable[str] | None = None,
    *,
    index: str | None = None,
) -> list[dict[str, Any]]:
    """Return every document that matches. fields: beside `_id`; None: all. index: to be used; None: any."""
    wanted = None if fields is None else {"_id": 1, **dict.fromkeys(fields, 1)}
    return await collection.find(query, wanted, batch_size=_WHOLE_ANSWER, hint=index).to_list(None)


DUPLICATE_KEY = 11000


async def insert_new(
    collection: AsyncIOMotorCollection[dict[str, Any]], documents: Sequence[dict[str, Any]], session: Any = None
) -> list[dict[str, Any]]:
    """Insert what is not there yet; return a write error per duplicate ("index" in `documents`, "keyPattern").

    Raises BulkWriteError for any other refusal.
    """
    if not documents:
        return []
    try:
        await collection.insert_many(documents, ordered=False, session=session)
    except BulkWriteError as exc:
        if not are_duplicates(exc):
            raise
        return write_errors(exc)
    return []


def are_duplicates(error: BulkWriteError) -> bool:
    """Say whether nothing was refused but documents whose key is there already, and the others are there to stay.

    Beside duplicates the server may say that a majority never had the rest: an election may take it back.
    """
    errors = write_errors(error)
    are_kept = not (error.details or {}).get("writeConcernErrors")
    return are_kept and bool(errors) and all(each["code"] == DUPLICATE_KEY for each in errors)


def write_errors(error: BulkWriteError) -> list[dict[str, Any]]:
    """Return what the server refused, an entry each; none where only the write concern failed."""
    errors: list[dict[str, Any]] = (error.details or {}).get("writeErrors", [])
    return errors
