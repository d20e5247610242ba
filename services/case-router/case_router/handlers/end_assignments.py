"""Take from agents the cases that they may not answer any more, whatever ended the right: files, desk, a last day."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final

import structlog

from case_router.domain.commands.lost_right import without_right
from guichet.contracts.base import Event
from guichet.ids import AgentId, EventId
from guichet.store.agents.rights import AgentRight, AgentRights, CommandGrant
from guichet.store.cases.store import CaseStore

log = structlog.get_logger()

AT_ONCE: Final = 200
TIMES: Final = 2  # that a change is looked at: while the first look went on, a command of before may have been decided

Decide = Callable[[Sequence[Event]], Awaitable[None]]


class EndAssignments:
    """Looks at the cases of whoever's rights are not what they were. clock: aware UTC.

    What it knows of them it has in memory: a router that starts looks at everybody's.
    """

    def __init__(self, *, rights: AgentRights, cases: CaseStore, decide: Decide, clock: Callable[[], datetime]) -> None:
        self._rights = rights
        self._cases = cases
        self._decide = decide
        self._clock = clock
        self._looked_at: Counter[tuple[AgentId, frozenset[CommandGrant]]] = Counter()

    async def look(self) -> None:
        """Take cases away, one event each. Raises TransientError; then the next look finds what is left."""
        now, by_agent = self._clock(), dict[AgentId, list[AgentRight]]()
        for right in await self._rights.all():
            by_agent.setdefault(right.agent, []).append(right)
        held = {
            agent: frozenset(grant for each in rights for grant in each.grants_at(now))
            for agent, rights in by_agent.items()
        }
        self._looked_at = Counter({each: times for each, times in self._looked_at.items() if each in held.items()})
        for agent, grants in held.items():
            if self._looked_at[agent, grants] < TIMES:
                await self._look_at(agent, by_agent[agent], now)
                self._looked_at[agent, grants] += 1

    async def _look_at(self, agent: AgentId, rights: Sequence[AgentRight], now: datetime) -> None:
        kept, decided = 0, set[EventId]()  # kept: which a next page passes over; what is taken stands in none
        while cases := await self._cases.assigned_to(agent, kept, AT_ONCE):
            lost = [each for each in without_right(cases, rights, now) if each.event_id not in decided]
            if lost:
                log.info("cases are nobody's work any more", cases=len(lost))
                await self._decide(lost)
            decided |= {each.event_id for each in lost}  # one that stands yet is theirs again: it was judged anew
            kept += len(cases) - len(lost)
