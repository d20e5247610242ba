"""How often an agent's open pages are told that something changed: once a second at most, all of them together.

After a storm a hundred messages a second come in. Who is told of each reads a list a hundred times, and sees none. Nor
are all agents told each second: two hundred lists read again take the desk more than a second (docs/scale.md), and a
click would wait for them. So agents take turns, and where many look on in a storm, each is told every few seconds. Who
must look no longer at what they see takes no turn: a case that was taken from them is gone within two seconds.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from math import inf
from typing import Final

from guichet.clock import Sleep
from guichet.ids import AgentId

EVERY: Final = timedelta(seconds=1)
AGENTS_A_SECOND: Final = 20  # of one process: two thirds of a core's time, at 32 ms a list (docs/scale.md)
IsUrgent = Callable[[], bool]
"""Says whether something must leave a page meanwhile."""
Turn = Callable[[IsUrgent], Awaitable[None]]
"""Waits until a page may be told again; a second at most where that is urgent."""


async def at_once(is_urgent: IsUrgent) -> None:
    """A turn that nobody waits for."""


class Pace:
    """Whose pages were told when. seconds: a clock that never goes back (`guichet.clock.never_behind`)."""

    def __init__(self, seconds: Callable[[], float], sleep: Sleep) -> None:
        self._seconds, self._sleep = seconds, sleep
        self._told_at: dict[AgentId, float] = {}  # as many as the town has agents
        self._due_at: dict[AgentId, float] = {}  # of those who wait
        self._next_at = -inf

    def of(self, agent: AgentId) -> Turn:
        """Return the turns of one page of an agent's. The first change is told at once."""
        told_at: float | None = None

        async def turn(is_urgent: IsUrgent) -> None:
            nonlocal told_at
            told_at = await self._turn(agent, told_at, is_urgent)

        return turn

    async def _turn(self, agent: AgentId, told_at: float | None, is_urgent: IsUrgent) -> float:
        """Return when it is told: with the agent's other pages, unless it was told with them already."""
        while True:
            now, last = self._seconds(), self._told_at.get(agent)
            if last is not None and (rest := EVERY - timedelta(seconds=now - last)) > timedelta():
                if told_at is None or told_at < last:
                    return last
                await self._sleep(rest)
            elif (wait := timedelta(seconds=self._due(agent, now) - now)) > timedelta() and not is_urgent():
                await self._sleep(min(wait, EVERY))
            else:
                self._due_at.pop(agent, None)
                self._told_at[agent] = now
                return now

    def _due(self, agent: AgentId, now: float) -> float:
        """Return when an agent's turn is, behind those who wait already. After a quiet second many are told at once."""
        if agent not in self._due_at:
            apart = 1 / AGENTS_A_SECOND
            self._due_at[agent] = max(self._next_at, now - (AGENTS_A_SECOND - 1) * apart)
            self._next_at = self._due_at[agent] + apart
        return self._due_at[agent]
