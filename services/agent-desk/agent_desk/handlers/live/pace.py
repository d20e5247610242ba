"""How often an agent's open pages are told that something changed: once a second, all of them together.

After a storm a hundred messages a second come in. Who is told of each reads a list a hundred times, and sees none.
"""

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
    """Whose pages were told when. seconds: a clock that never goes back (`guichet.clock.never_behind`)."""

    def __init__(self, seconds: Callable[[], float], sleep: Sleep) -> None:
        self._seconds, self._sleep = seconds, sleep
        self._told_at: dict[AgentId, float] = {}  # as many as the town has agents

    def of(self, agent: AgentId) -> Turn:
        """Return the turns of one page of an agent's. The first change is told at once."""
        told_at: float | None = None

        async def turn() -> None:
            nonlocal told_at
            told_at = await self._turn(agent, told_at)

        return turn

    async def _turn(self, agent: AgentId, told_at: float | None) -> float:
        """Return when it is told: with the agent's other pages, unless it was told with them already."""
        while True:
            now, last = self._seconds(), self._told_at.get(agent)
            if last is None or now - last >= EVERY.total_seconds():
                self._told_at[agent] = now
                return now
            if told_at is None or told_at < last:
                return last
            await self._sleep(EVERY - timedelta(seconds=now - last))
