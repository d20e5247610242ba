"""A town that arrives from another installation: its documents go into collections that hold nothing yet."""

from collections.abc import Iterable, Sequence
from typing import Any

from guichet.errors import PermanentError
from guichet.mongo.bulk import find_all, insert_new
from guichet.mongo.client import Database, translate_errors


class Arrival:
    """database: of cases, messages and the registry. Every method raises TransientError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @translate_errors
    async def first_with_documents(self, names: Iterable[str]) -> str | None:
        """Return the first of these collections that holds something."""
        for name in dict.fromkeys(names):
            if await self._database[name].find_one({}, {"_id": 1}) is not None:
                return name
        return None

    @translate_errors
    async def counts(self, names: Iterable[str]) -> dict[str, int]:
        """Return how many documents each of these collections holds."""
        return {name: await self._database[name].count_documents({}) for name in dict.fromkeys(names)}

    @translate_errors
    async def find(self, name: str, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Return those of a collection's documents that are there, by their ids."""
        return {each["_id"]: each for each in await find_all(self._database[name], {"_id": {"$in": [*ids]}})}

    @translate_errors
    async def insert(self, name: str, documents: Sequence[dict[str, Any]]) -> None:
        """Insert documents. Raises PermanentError for one of which a unique key is there, its id or another.

        Nothing may stand in for what arrives.
        """
        if refused := await insert_new(self._database[name], documents):
            first, key = documents[refused[0]["index"]]["_id"], ", ".join(refused[0]["keyPattern"])
            raise PermanentError(
                f"{name} has {key} of {first} already: it is twice in this file, or somebody writes here. What was"
                " taken in so far is no town: drop both databases, `guichet prepare`, and begin again."
            )
