"""What is addressed to agents, in memory."""

from collections.abc import Collection, Sequence

from guichet.errors import TransientError
from guichet.ids import AgentId, CaseId
from guichet.store.agents.news import SHOWN_AT_MOST, AgentNews, AgentNewsStore


class InMemoryAgentNews(AgentNewsStore):
    """Twin of MongoAgentNews. away: the store does not answer."""

    def __init__(self) -> None:
        self.news: dict[str, AgentNews] = {}
        self.away = False

    async def add(self, news: Sequence[AgentNews]) -> None:
        self._require_answer()
        for each in news:
            self.news.setdefault(each.news_id, each)

    async def of(self, agent: AgentId) -> list[AgentNews]:
        self._require_answer()
        theirs = [each for each in self.news.values() if each.agent == agent]
        return sorted(theirs, key=lambda each: each.at, reverse=True)[:SHOWN_AT_MOST]

    async def unseen(self, agent: AgentId) -> list[AgentNews]:
        self._require_answer()
        return [each for each in self.news.values() if each.agent == agent and not each.seen][:SHOWN_AT_MOST]

    async def see(self, agent: AgentId, case: CaseId | None = None) -> None:
        for each in await self.unseen(agent):
            if case in (None, each.case_id):
                self.news[each.news_id] = each.model_copy(update={"seen": True})

    async def forget(self, cases: Collection[CaseId]) -> None:
        self._require_answer()
        self.news = {key: each for key, each in self.news.items() if each.case_id not in cases}

    def _require_answer(self) -> None:
        if self.away:
            raise TransientError("the agents' news are away")
