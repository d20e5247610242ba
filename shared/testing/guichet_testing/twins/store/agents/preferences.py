"""How agents like the desk to be, in memory."""

from datetime import datetime

from guichet.ids import AgentId
from guichet.store.agents.preferences import MailWish, Preference, Preferences


class InMemoryPreferences(Preferences):
    """Twin of MongoPreferences."""

    def __init__(self) -> None:
        self.preferences: dict[AgentId, Preference] = {}

    async def of(self, agent: AgentId) -> Preference:
        return self.preferences.get(agent, Preference(_id=agent))

    async def put(self, preference: Preference, *, over: Preference) -> None:
        was, wanted = over.model_dump(), preference.model_dump()
        changed = {name: value for name, value in wanted.items() if value != was[name]}
        self.preferences[preference.agent] = (await self.of(preference.agent)).model_copy(update=changed)

    async def written_to(self) -> list[Preference]:
        return [each for each in self.preferences.values() if each.is_written_to]

    async def note_refused(self, agent: AgentId, at: datetime) -> None:
        known = await self.of(agent)
        if known.mails is not MailWish.NEVER:
            self.preferences[agent] = known.model_copy(update={"mails_refused_at": at})
