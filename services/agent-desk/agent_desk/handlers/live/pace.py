"""How often an agent's open pages are told that something changed: once a second at most, all of them together.

After a storm a hundred messages a second come in. Who is told of each reads a list a hundred times, and sees none. Nor
can two hundred agents read their lists again each second: it takes the desk longer than that, and whoever clicks would
wait for it. So open lists are told in turn, only so many as leave most of the time to those who click (on a slow
machine fewer: docs/scale.md), and are read again one after the other (refresh_queue.py). The page of one case is told
by itself, since few have it open.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from guichet.clock import Sleep
from guichet.ids import AgentId

EVERY: Final = timedelta(seconds=1)
Turn = Callable[[], Awaitable[None]]
"""Waits until a page may be told again."""


async def at_once() -> None:
    """A turn that nobody waits for."""


class Pace:
    """Whose pages were told when.

    seconds: a clock that never goes back (`guichet.clock.never_behind`). apart: how long after an agent the next may be
    told, of those who wait in turn.
    """

    def __init__(self, seconds: Callable[[], float], sleep: Sleep, apart: Callable[[], timedelta]) -> None:
        self._seconds, self._sleep, self._apart = seconds, sleep, apart
        self._told_at: dict[AgentId, float] = {}  # as many as the town has agents
        self._queue = asyncio.Lock()  # first come, first served; one alone looks at the clock
        self._next_at = 0.0

    def in_turn(self, agent: AgentId) -> Turn:
        """Return the turns of an agent's open list, behind those of agents who came before."""
        return self._turns(agent, self._wait_in_turn)

    def by_itself(self, agent: AgentId) -> Turn:
        """Return the turns of another page of an agent's: no more than a second."""
        return self._turns(agent, self._tell_now)

    def _turns(self, agent: AgentId, wait: Callable[[AgentId], Awaitable[float]]) -> Turn:
        """Return turns that wait for an agent's own second, then for this. The first change is told at once."""
        told_at: float | None = None

        async def turn() -> None:
            nonlocal told_at
            while (rest := self._rest(agent)) > timedelta():
                if told_at != self._told_at[agent]:  # with the agent's other pages
                    told_at = self._told_at[agent]
                    return
                await self._sleep(rest)
            told_at = await wait(agent)

        return turn

    async def _wait_in_turn(self, agent: AgentId) -> float:
        async with self._queue:
            if not self._rest(agent):  # else another page of theirs had its turn meanwhile
                await self._sleep(timedelta(seconds=max(0.0, self._next_at - self._seconds())))
                self._next_at = self._seconds() + self._apart().total_seconds()
            return await self._tell_now(agent)

    async def _tell_now(self, agent: AgentId) -> float:
        """Return when an agent's pages are told: now, unless they were just told."""
        if not self._rest(agent):
            self._told_at[agent] = self._seconds()
        return self._told_at[agent]

    def _rest(self, agent: AgentId) -> timedelta:
        """Return for how long an agent's pages are told nothing more."""
        if (told_at := self._told_at.get(agent)) is None:
            return timedelta()
        return max(timedelta(), EVERY - timedelta(seconds=self._seconds() - told_at))
