"""Bulk look-ups in one round trip: left alone, the driver asks again after the first 101 documents."""

from collections.abc import Iterable
from typing import Any, Final

from motor.motor_asyncio import AsyncIOMotorCollection

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
