"""How agents like the desk to be, in memory."""

from guichet.ids import AgentId
from guichet.store.agents.preferences import Preference, Preferences


class InMemoryPreferences(Preferences):
    """Twin of MongoPreferences."""

    def __init__(self) -> None:
        self.preferences: dict[AgentId, Preference] = {}

    async def of(self, agent: AgentId) -> Preference:
        return self.preferences.get(agent, Preference(_id=agent))

    async def put(self, preference: Preference) -> None:
        self.preferences[preference.agent] = preference
