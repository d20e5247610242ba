"""Which process catches up with a provider's list, and when: one at a time, the others stay ready to take over.

A listener opens `catching_up` with what looks through the list once.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final, TypeVar

import structlog

from guichet.channel.lent import Host
from guichet.errors import TransientError
from guichet.mongo.lease import LEASE_FOR, Held, TakenError
from guichet.runtime.background import in_background
from guichet.runtime.telemetry.alarms import Alarm, clear_alarm, raise_alarm
from guichet.store.catch_ups import CatchUps, SentMessage

# what a channel's package needs for its rounds
__all__ = ["READY", "CatchUps", "Held", "SentMessage", "TakenError", "catching_up", "keeping"]

T = TypeVar("T")

log = structlog.get_logger()

READY: Final = LEASE_FOR / 4  # how often a process that does not lead looks whether it may
RENEWED: Final = LEASE_FOR / 4
FAILURES: Final = 3  # rounds in a row, and it is an alarm

Round = Callable[[Held], Awaitable[int]]
"""Looks through the list once; says how many messages still wait for a file. Raises TransientError."""


@asynccontextmanager
async def catching_up(host: Host, one_round: Round, every: timedelta) -> AsyncIterator[None]:
    """Make rounds beside whatever else goes on. every: between two of them.

    Raises SettingsError in a host that is not lent `catch_ups`: else each round would fail where nobody looks.
    """
    host.catch_ups.leading(host.provider)  # made, and not entered
    async with in_background(Leading(one_round, host, every).run(), "catch-up"):
        yield


class SparingLease(Held):
    """Renews a lease only when it has aged: it is asked to before each message."""

    def __init__(self, held: Held) -> None:
        self._held = held
        self._renewed_at = asyncio.get_running_loop().time()

    async def keep(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._renewed_at >= RENEWED.total_seconds():
            await self._held.keep()
            self._renewed_at = now


class Leading:
    """Rounds of catching up, for as long as this process leads. every: between two of them."""

    def __init__(self, one_round: Round, host: Host, every: timedelta) -> None:
        self._one_round = one_round
        self._catch_ups = host.catch_ups
        self._provider = host.provider
        self._every = every
        self._clock = host.clock
        self._bug = f"{host.service}:catch-up"
        self._late_files = f"{host.service}:files"
        self._no_list = f"{host.service}:list"
        self._failures = 0

    async def run(self) -> None:
        """Go on until cancelled; a round that fails is made good by the next, wherever that runs."""
        while True:
            try:
                async with self._catch_ups.leading(self._provider) as held:
                    await self._lead(SparingLease(held))
            except TakenError:
                self._follow()
            except TransientError as error:
                self._fail(error)
            except Exception as error:  # a bug here must not take the webhook down with it
                log.error("catch-up failed", error=type(error).__name__)
                raise_alarm(Alarm.BUG, f"{self._bug}:{type(error).__name__}")
            await self._clock.sleep(min(READY, self._every))

    async def _lead(self, held: Held) -> None:
        while True:
            self._succeed(late=await keeping(held, self._one_round(held)))
            await keeping(held, self._clock.sleep(self._every))

    def _succeed(self, *, late: int) -> None:
        self._failures = 0
        clear_alarm(Alarm.CATCH_UP_BEHIND, self._no_list)
        if late:
            raise_alarm(Alarm.CATCH_UP_BEHIND, self._late_files)
        else:
            clear_alarm(Alarm.CATCH_UP_BEHIND, self._late_files)

    def _fail(self, error: TransientError) -> None:
        self._failures += 1
        log.warning("catch-up waits", error=str(error), failures=self._failures)
        if self._failures >= FAILURES:
            raise_alarm(Alarm.CATCH_UP_BEHIND, self._no_list)

    def _follow(self) -> None:
        """The one that leads raises the alarms."""
        self._failures = 0
        for cause in (self._no_list, self._late_files):
            clear_alarm(Alarm.CATCH_UP_BEHIND, cause)


async def keeping(held: Held, work: Awaitable[T]) -> T:
    """Await work that may take minutes, or our clock, keeping the lease by the store's.

    Raises TransientError once the lease was lost, when the work has ended.
    """
    task = asyncio.ensure_future(work)
    try:
        while not (await asyncio.wait({task}, timeout=RENEWED.total_seconds()))[0]:
            await held.keep()
        return await task
    finally:
        task.cancel()
        await asyncio.wait({task})
