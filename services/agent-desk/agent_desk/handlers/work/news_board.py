"""What is addressed to an agent: listed, counted, noted as seen; of cases that they may answer now, no others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from agent_desk.domain.visitor import Visitor
from guichet.case.record import CaseRecord
from guichet.ids import CaseId
from guichet.rights.case_acts import CaseAct
from guichet.store.agents.news import AgentNews, AgentNewsStore, NewsKind
from guichet.store.cases.reader import CaseReader


@dataclass(frozen=True)
class NewsBoard:
    """clock: aware UTC. Every method raises TransientError.

    Of a call that was made meanwhile, or is asked for at another time by now, nobody is told.
    """

    news: AgentNewsStore
    cases: CaseReader
    clock: Callable[[], datetime]

    async def of(self, visitor: Visitor) -> list[tuple[AgentNews, CaseRecord]]:
        """Return a visitor's news, the newest first, each with its case."""
        return await self._with_cases(visitor, await self.news.of(visitor.agent.agent_id))

    async def unseen(self, visitor: Visitor) -> list[tuple[AgentNews, CaseRecord]]:
        """Return what a visitor has not seen, in no order."""
        if not visitor.answers:
            return []
        return await self._with_cases(visitor, await self.news.unseen(visitor.agent.agent_id))

    async def see(self, visitor: Visitor) -> None:
        """Note that a visitor has seen all of it."""
        await self.news.see(visitor.agent.agent_id)

    async def opened(self, visitor: Visitor, case: CaseRecord) -> Visitor:
        """Note that a visitor has seen what is told of a case; return them with the count of what is left."""
        if not visitor.news:
            return visitor
        await self.news.see(visitor.agent.agent_id, case.case_id)
        return replace(visitor, news=len(await self.unseen(visitor)))

    async def _with_cases(self, visitor: Visitor, news: Sequence[AgentNews]) -> list[tuple[AgentNews, CaseRecord]]:
        due = [each for each in news if each.at <= self.clock()]
        found = await self._shown(visitor, {each.case_id for each in due}) if due else {}
        told = [(each, found[each.case_id]) for each in due if each.case_id in found]
        return [(each, case) for each, case in told if each.kind is not NewsKind.CALL or each.at == case.call_back_at]

    async def _shown(self, visitor: Visitor, cases: set[CaseId]) -> dict[CaseId, CaseRecord]:
        """Return those of these cases that lists show the visitor, and that they may answer."""
        scope = visitor.listed.with_act(CaseAct.ANSWER).whole
        return {case.case_id: case for case in await self.cases.find_many(scope, cases)}
