"""Where each agent has signed in before, by address and by browser: a guesser elsewhere must not lock them out there.

What lies here is an HMAC of the agent and the place together: without the key it tells neither, nor that two agents
share a place.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from pymongo import IndexModel, UpdateOne

from guichet.mongo.client import Database, translate_errors
from guichet.mongo.ended import Ends
from guichet.privacy.data_map.entry import SECURITY, DataMapEntry, Erasure, Form, PersonalField
from guichet.privacy.data_map.retention import Expires, Phrase, days

COLLECTION = "sign_in_places"
ENDS = Ends(COLLECTION, "until")
INDEXES: dict[str, list[IndexModel]] = {COLLECTION: [ENDS.ttl_index()]}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="let agents in where they always sign in, while somebody guesses their password elsewhere",
        legal_basis=SECURITY,
        whose="agents",
        retention=(
            Expires(
                date_field=ENDS.field,
                since=Phrase("the last sign-in there", "la dernière connexion à cet endroit"),
                period=days(90),
            ),
        ),
        on_erasure=Erasure.NOT_CONCERNED,
        fields=(
            PersonalField(
                "_id",
                Form.PSEUDONYM,
                "HMAC of a sign-in name, or a second factor's key id, with an address or a browser's token",
            ),
        ),
    ),
)


class SignInPlaces(Protocol):
    """The places. Every method raises TransientError when the store is away."""

    async def known(self, places: Collection[str], now: datetime) -> frozenset[str]:
        """Return which of these are known."""

    async def remember(self, places: Collection[str], until: datetime) -> None:
        """Know these until then."""


class MongoSignInPlaces(SignInPlaces):
    """The places in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._places = database[COLLECTION]

    @translate_errors
    async def known(self, places: Collection[str], now: datetime) -> frozenset[str]:
        found = self._places.find({"_id": {"$in": [*places]}, "until": {"$gt": now}}, {"_id": 1})
        return frozenset([document["_id"] async for document in found])

    @translate_errors
    async def remember(self, places: Collection[str], until: datetime) -> None:
        await self._places.bulk_write(
            [UpdateOne({"_id": place}, {"$max": {"until": until}}, upsert=True) for place in places]
        )
