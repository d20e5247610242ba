"""What is addressed to agents, in memory."""

from collections.abc import Collection, Sequence
from datetime import datetime

from guichet.errors import TransientError
from guichet.ids import AgentId, CaseId
from guichet.store.agents.news import READ_AT_MOST, AgentNews, AgentNewsStore


class InMemoryAgentNews(AgentNewsStore):
    """Twin of MongoAgentNews. away: the store does not answer."""

    def __init__(self) -> None:
        self.news: dict[str, AgentNews] = {}
        self.away = False

    async def add(self, news: Sequence[AgentNews]) -> None:
        self._require_answer()
        for each in news:
            self.news.setdefault(each.news_id, each)

    async def of(self, agent: AgentId, now: datetime, passed: int = 0) -> list[AgentNews]:
        return self._told(agent, now)[passed:][:READ_AT_MOST]

    async def unseen(self, agent: AgentId, now: datetime, passed: int = 0) -> list[AgentNews]:
        return [each for each in self._told(agent, now) if not each.seen][passed:][:READ_AT_MOST]

    async def see(self, agent: AgentId, now: datetime, case: CaseId | None = None) -> None:
        for each in self._told(agent, now):
            if case in (None, each.case_id):
                self.news[each.news_id] = each.model_copy(update={"seen": True})

    async def forget(self, cases: Collection[CaseId]) -> None:
        self._require_answer()
        self.news = {key: each for key, each in self.news.items() if each.case_id not in cases}

    def _told(self, agent: AgentId, now: datetime) -> list[AgentNews]:
        self._require_answer()
        theirs = [each for each in self.news.values() if each.agent == agent and each.at <= now]
        return sorted(theirs, key=lambda each: each.at, reverse=True)

    def _require_answer(self) -> None:
        if self.away:
            raise TransientError("the agents' news are away")
