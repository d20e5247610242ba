"""Where agents signed in, in memory."""

from collections.abc import Collection
from datetime import datetime

from guichet.store.agents.sign_in_places import SignInPlaces


class InMemorySignInPlaces(SignInPlaces):
    """Twin of MongoSignInPlaces."""

    def __init__(self) -> None:
        self.until: dict[str, datetime] = {}

    async def known(self, places: Collection[str], now: datetime) -> frozenset[str]:
        return frozenset(place for place in places if place in self.until and self.until[place] > now)

    async def remember(self, places: Collection[str], until: datetime) -> None:
        for place in places:
            self.until[place] = max(until, self.until.get(place, until))
