"""How often an agent's open pages are told that something changed: once a second at most, all of them together.

After a storm a hundred messages a second come in. Who is told of each reads a list a hundred times, and sees none. Nor
can two hundred agents be told each second: their lists, read again, take the desk longer than that, and whoever clicks
would wait for them. So open pages read again one after the other (`Rereading`), agents are told in turn, and only so
many as leave most of the time to those who click: on a slow machine fewer (docs/scale.md). Who must look no longer at
what they see stands in no line: a case that was taken from them is gone within two seconds.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from guichet.clock import Sleep
from guichet.ids import AgentId

EVERY: Final = timedelta(seconds=1)
SHARE: Final = 0.4  # of the time in which the desk reads for open pages; the rest is for clicks
TAKES_AT_FIRST_S: Final = 0.03  # a list that is read again, until one was
_REMEMBERED: Final = 8  # readings, about, of which it is the mean what one takes
Lost = Callable[[], Awaitable[object]]
"""Waits until something must leave a page."""
Turn = Callable[[Lost], Awaitable[None]]
"""Waits until a page may be told again; a second at most where something must leave it."""


async def at_once(_lost: Lost) -> None:
    """A turn that nobody waits for."""


class Rereading:
    """What open pages read by themselves: one at a time, so that whoever clicks waits for one of them at most.

    seconds: a clock that never goes back (`guichet.clock.never_behind`).
    """

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._takes_s = TAKES_AT_FIRST_S
        self._one = asyncio.Lock()

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Read again within the block, once those who came before have."""
        async with self._one:
            began = self._seconds()
            yield
            self._takes_s += (self._seconds() - began - self._takes_s) / _REMEMBERED

    @property
    def apart(self) -> timedelta:
        """How long after an agent the next may be told."""
        return timedelta(seconds=self._takes_s / SHARE)


class Pace:
    """Whose pages were told when. seconds: as of `Rereading`. apart: how long after an agent the next may be told."""

    def __init__(self, seconds: Callable[[], float], sleep: Sleep, apart: Callable[[], timedelta]) -> None:
        self._seconds, self._sleep, self._apart = seconds, sleep, apart
        self._told_at: dict[AgentId, float] = {}  # as many as the town has agents
        self._line = asyncio.Lock()  # first come, first served; one alone looks at the clock
        self._next_at = 0.0

    def of(self, agent: AgentId) -> Turn:
        """Return the turns of one page of an agent's. The first change is told at once."""
        told_at: float | None = None

        async def turn(lost: Lost) -> None:
            nonlocal told_at
            told_at = await self._turn(agent, told_at, lost)

        return turn

    async def _turn(self, agent: AgentId, told_at: float | None, lost: Lost) -> float:
        """Return when it is told: with the agent's other pages, unless it was told with them already."""
        while (rest := self._rest(agent)) > timedelta():
            if told_at != self._told_at[agent]:
                return self._told_at[agent]
            await self._sleep(rest)
        waiting = [asyncio.ensure_future(self._stand_in_line(agent)), asyncio.ensure_future(lost())]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waiting:
                each.cancel()
        return self._tell(agent)

    async def _stand_in_line(self, agent: AgentId) -> None:
        """Return when it is an agent's turn, behind those who came before; at once where another page had it."""
        async with self._line:
            if not self._rest(agent):
                await self._sleep(timedelta(seconds=max(0.0, self._next_at - self._seconds())))
                self._next_at = self._seconds() + self._apart().total_seconds()
                self._tell(agent)

    def _tell(self, agent: AgentId) -> float:
        """Return when an agent's pages are told: now, unless they were just told."""
        if not self._rest(agent):
            self._told_at[agent] = self._seconds()
        return self._told_at[agent]

    def _rest(self, agent: AgentId) -> timedelta:
        """Return for how long an agent's pages are told nothing more."""
        if (told_at := self._told_at.get(agent)) is None:
            return timedelta()
        return max(timedelta(), EVERY - timedelta(seconds=self._seconds() - told_at))
