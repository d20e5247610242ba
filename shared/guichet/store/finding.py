"""Bulk look-ups in one round trip: left alone, the driver asks again after the first 101 documents."""

from typing import Any, Final

from motor.motor_asyncio import AsyncIOMotorCollection

_WHOLE_ANSWER: Final = 10_000  # documents, far more than a batch asks for; MongoDB cuts an answer at 16 MB all the same


async def find_all(collection: AsyncIOMotorCollection[dict[str, Any]], query: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every document that matches."""
    return await collection.find(query, batch_size=_WHOLE_ANSWER).to_list(None)
