"""What is addressed to an agent: listed, counted, noted as seen; of cases that they may answer now, no others."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from agent_desk.domain.visitor import Visitor
from guichet.case.record import CaseRecord
from guichet.ids import AgentId, CaseId
from guichet.rights.case_acts import CaseAct
from guichet.store.agents.news import READ_AT_MOST, AgentNews, AgentNewsStore, still_so
from guichet.store.cases.reader import CaseReader

READINGS_AT_MOST: Final = 5  # where so many of the newest are shown no more that others would not be reached
Told = list[tuple[AgentNews, CaseRecord]]


@dataclass(frozen=True)
class NewsBoard:
    """clock: aware UTC. Every method raises TransientError."""

    news: AgentNewsStore
    cases: CaseReader
    clock: Callable[[], datetime]

    async def of(self, visitor: Visitor) -> Told:
        """Return a visitor's news, the newest first, each with its case."""
        return await self._told(visitor, self.news.of)

    async def unseen(self, visitor: Visitor) -> Told:
        """Return what a visitor has not seen, the newest first."""
        return await self._told(visitor, self.news.unseen) if visitor.answers else []

    async def see(self, visitor: Visitor) -> None:
        """Note that a visitor has seen all of it."""
        await self.news.see(visitor.agent.agent_id, self.clock())

    async def see_case(self, visitor: Visitor, case: CaseId) -> None:
        """Note that a visitor has seen what is told of a case."""
        await self.news.see(visitor.agent.agent_id, self.clock(), case)

    async def _told(
        self, visitor: Visitor, read: Callable[[AgentId, datetime, int], Awaitable[list[AgentNews]]]
    ) -> Told:
        """Return what a visitor may be shown of it, READ_AT_MOST."""
        told: Told = []
        agent, now = visitor.agent.agent_id, self.clock()
        for nth in range(READINGS_AT_MOST):
            news = await read(agent, now, nth * READ_AT_MOST)
            found = await self._shown(visitor, {each.case_id for each in news}) if news else {}
            told += [(each, found[each.case_id]) for each in news if each.case_id in found]
            told = [*still_so(told, agent)]
            if len(news) < READ_AT_MOST or len(told) >= READ_AT_MOST:
                break
        return told[:READ_AT_MOST]

    async def _shown(self, visitor: Visitor, cases: set[CaseId]) -> dict[CaseId, CaseRecord]:
        """Return those of these cases that lists show the visitor, and that they may answer."""
        scope = visitor.listed.with_act(CaseAct.ANSWER).whole
        return {case.case_id: case for case in await self.cases.find_many(scope, cases)}
