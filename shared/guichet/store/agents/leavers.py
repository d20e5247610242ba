"""What lies in the store of an agent who has left: their account, their preferences, what they saved for themselves.

What they did stays in the audit trail, what they wrote in its case, and their rights of before: each for its own time.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final, Protocol

from guichet.ids import AgentId, KeyId
from guichet.mongo.client import Database, translate_errors
from guichet.mongo.former_keys import THERE
from guichet.mongo.views import View
from guichet.store import saved_answers, saved_views
from guichet.store.agents import accounts, preferences

_SAVED: Final = (saved_answers.ENDS, saved_views.ENDS)
_KEY: Final = "second_factor.secret.key_id"
SECOND_FACTORS: Final = View("agents_second_factors", accounts.COLLECTION, (_KEY,))  # and no password's hash
VIEWS: tuple[View, ...] = (SECOND_FACTORS,)


class LeftBehind(Protocol):
    """What agents have in the store. Every method raises TransientError."""

    async def whose(self, agents: Collection[AgentId]) -> frozenset[AgentId]:
        """Return those of these agents of whom there is anything."""

    async def secrets_of(self, agents: Collection[AgentId]) -> list[KeyId]:
        """Return the keys that the second factors of these agents are sealed under."""

    async def remove(self, agents: Collection[AgentId], at: datetime) -> dict[str, int]:
        """Remove it; return how many documents of each collection. at: when what they saved counts as thrown away.

        What they saved goes a week later, with its key, by the round of what is over.
        """


class MongoLeftBehind(LeftBehind):
    """What agents have in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._accounts = SECOND_FACTORS.of(database)

    @translate_errors
    async def whose(self, agents: Collection[AgentId]) -> frozenset[AgentId]:
        found: set[str] = set()
        for named in (self._accounts, self._database[preferences.COLLECTION]):
            found |= {each["_id"] async for each in named.find(_named(agents), {"_id": 1})}
        for ends in _SAVED:
            own = self._database[ends.collection].find(_owned_by(agents), {"owner": 1})
            found |= {each["owner"] async for each in own}
        return frozenset(map(AgentId, found))

    @translate_errors
    async def secrets_of(self, agents: Collection[AgentId]) -> list[KeyId]:
        found = self._accounts.find(_named(agents) | {_KEY: {"$type": "string"}})
        return [KeyId(each["second_factor"]["secret"]["key_id"]) async for each in found]

    @translate_errors
    async def remove(self, agents: Collection[AgentId], at: datetime) -> dict[str, int]:
        removed = {}
        # By the view: in a store that does not have it yet no account goes, whose key nobody would have destroyed.
        known = [each["_id"] async for each in self._accounts.find(_named(agents), {"_id": 1})]
        for name, whose in ((accounts.COLLECTION, known), (preferences.COLLECTION, agents)):
            removed[name] = (await self._database[name].delete_many(_named(whose))).deleted_count
        for ends in _SAVED:
            own = self._database[ends.collection]
            thrown_away = await own.update_many(_owned_by(agents), {"$set": {ends.field: at}})
            removed[ends.collection] = thrown_away.modified_count
        return removed


def _owned_by(agents: Collection[AgentId]) -> dict[str, Any]:
    return {"owner": {"$in": [*agents]}} | THERE


def _named(agents: Collection[AgentId]) -> dict[str, Any]:
    return {"_id": {"$in": [*agents]}}
