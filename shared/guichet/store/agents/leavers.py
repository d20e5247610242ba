"""What lies in the store of an agent who has left: their account, their preferences, what they saved for themselves.

What they did stays in the audit trail, what they wrote in its case, and their rights of before: each for its own time.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final, Protocol

from guichet.ids import AgentId, KeyId
from guichet.mongo.client import Database, translate_errors
from guichet.mongo.former_keys import THERE
from guichet.store import saved_answers, saved_views
from guichet.store.agents import accounts, preferences
from guichet.store.agents.accounts import AgentAccount

_SAVED: Final = (saved_answers.ENDS, saved_views.ENDS)


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

    @translate_errors
    async def whose(self, agents: Collection[AgentId]) -> frozenset[AgentId]:
        found: set[str] = set()
        for name in (accounts.COLLECTION, preferences.COLLECTION):
            found |= {each["_id"] async for each in self._database[name].find(_named(agents), {"_id": 1})}
        for ends in _SAVED:
            own = self._database[ends.collection].find(_owned_by(agents), {"owner": 1})
            found |= {each["owner"] async for each in own}
        return frozenset(map(AgentId, found))

    @translate_errors
    async def secrets_of(self, agents: Collection[AgentId]) -> list[KeyId]:
        found = self._database[accounts.COLLECTION].find(_named(agents))
        factors = [AgentAccount.model_validate(each).second_factor async for each in found]
        return [factor.secret.key_id for factor in factors if factor is not None]

    @translate_errors
    async def remove(self, agents: Collection[AgentId], at: datetime) -> dict[str, int]:
        removed = {}
        for name in (accounts.COLLECTION, preferences.COLLECTION):
            removed[name] = (await self._database[name].delete_many(_named(agents))).deleted_count
        for ends in _SAVED:
            own = self._database[ends.collection]
            thrown_away = await own.update_many(_owned_by(agents), {"$set": {ends.field: at}})
            removed[ends.collection] = thrown_away.modified_count
        return removed


def _owned_by(agents: Collection[AgentId]) -> dict[str, Any]:
    return {"owner": {"$in": [*agents]}} | THERE


def _named(agents: Collection[AgentId]) -> dict[str, Any]:
    return {"_id": {"$in": [*agents]}}
