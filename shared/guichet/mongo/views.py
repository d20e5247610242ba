"""Views: some fields of a collection's documents, for who may read these and not the others.

MongoDB gives rights on collections, not on fields; a right to find in a view is none on what lies behind it.
"""

from dataclasses import dataclass
from typing import Any

from motor.motor_asyncio import AsyncIOMotorCollection

from guichet.mongo.client import Database


@dataclass(frozen=True)
class View:
    """Shows `fields`, and the id, of every document of `collection`."""

    name: str
    collection: str
    fields: tuple[str, ...]

    @property
    def pipeline(self) -> list[dict[str, Any]]:
        """What MongoDB makes it from; it looks through to the collection's indexes."""
        return [{"$project": dict.fromkeys(("_id", *self.fields), 1)}]

    def of(self, database: Database) -> AsyncIOMotorCollection[dict[str, Any]]:
        """Return it, to be read like a collection."""
        return database[self.name]
