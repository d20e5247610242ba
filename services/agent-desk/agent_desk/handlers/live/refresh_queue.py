"""Lists that open pages read again by themselves: one after the other, so that a click meets one of them at most.

None is begun while a click is being answered, for a quarter of a second at most: a click meets one that was begun
before it, or has waited so long.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import timedelta
from typing import Final
from weakref import WeakValueDictionary

from agent_desk.handlers.live.pace import EVERY
from guichet.ids import AgentId

SHARE: Final = 0.25  # of the time in which the desk reads for open pages; the rest is for clicks
TAKES_AT_FIRST_S: Final = 0.03  # a list that is read again, until one was
HOLDS_AT_MOST: Final = timedelta(seconds=2)  # then the next is read beside it: one that hangs must not hold up all
GIVES_WAY_FOR: Final = timedelta(milliseconds=250)  # to clicks: where there is always one, lists are read all the same
CLICK_AT_MOST: Final = timedelta(seconds=1)
_REMEMBERED: Final = 8  # readings, about, of which it is the mean what one takes


class RefreshQueue:
    """Whose turn it is to read. seconds: a clock that never goes back (`guichet.clock.never_behind`)."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._takes_s = TAKES_AT_FIRST_S
        self._one = asyncio.Lock()
        self._own = WeakValueDictionary[AgentId, asyncio.Lock]()
        self._clicks, self._no_click = 0, asyncio.Event()
        self._no_click.set()

    @contextmanager
    def click(self) -> Iterator[None]:
        """Answer within the block what somebody waits for."""
        click = _Click(self)
        try:
            yield
        finally:
            click.end()

    def count_clicks(self, more: int) -> None:
        """Let one more be answered, or one less."""
        self._clicks += more
        if self._clicks:
            self._no_click.clear()
        else:
            self._no_click.set()

    @asynccontextmanager
    async def of(self, agent: AgentId) -> AsyncIterator[None]:
        """Read within the block, behind those who came before: one of an agent's at a time, however many they ask."""
        async with self._own.setdefault(agent, asyncio.Lock()):
            await self._one.acquire()
            hold = _Hold(self._one)
            try:
                await self._give_way()
                began = self._seconds()
                try:
                    yield
                finally:
                    self._note(self._seconds() - began)
            finally:
                hold.end()

    async def _give_way(self) -> None:
        """Wait until no click is being answered, GIVES_WAY_FOR at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(GIVES_WAY_FOR.total_seconds()):
                await self._no_click.wait()

    @property
    def apart(self) -> timedelta:
        """How long after an agent the next may be told, for readings to take their share of the time."""
        return timedelta(seconds=self._takes_s / SHARE)

    def _note(self, took_s: float) -> None:
        """Note what one took. One that hung makes the next agents wait for seconds, not for a minute."""
        self._takes_s += (min(took_s, EVERY.total_seconds()) - self._takes_s) / _REMEMBERED


class _Click:
    """Counts until it is ended, and for CLICK_AT_MOST: who uploads, or takes a file slowly, holds up no list."""

    def __init__(self, queue: RefreshQueue) -> None:
        self._queue: RefreshQueue | None = queue
        self._last = asyncio.get_running_loop().call_later(CLICK_AT_MOST.total_seconds(), self.end)
        queue.count_clicks(1)

    def end(self) -> None:
        """Count no more. A second time it does nothing."""
        self._last.cancel()
        if self._queue is not None:
            self._queue.count_clicks(-1)
        self._queue = None


class _Hold:
    """Holds a lock until it is ended, and for HOLDS_AT_MOST."""

    def __init__(self, lock: asyncio.Lock) -> None:
        self._lock: asyncio.Lock | None = lock
        self._last = asyncio.get_running_loop().call_later(HOLDS_AT_MOST.total_seconds(), self.end)

    def end(self) -> None:
        """Let the next one go on. A second time it does nothing."""
        self._last.cancel()
        if self._lock is not None:
            self._lock.release()
        self._lock = None
