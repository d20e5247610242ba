"""An idle consumer can hang without a word (aiokafka #1037, #703): the watchdog ends the process."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final, Protocol

import structlog

from guichet.errors import TransientError
from guichet.runtime.telemetry.alarms import Alarm, raise_alarm

log = structlog.get_logger()

PATIENCE: Final = timedelta(minutes=2)  # far longer than any batch; a declared retry counts as a sign of life
LOOK_EVERY: Final = timedelta(seconds=15)


class ConsumerStuckError(Exception):
    """Records wait and nothing is handled: a bug of ours or of the client; only a new process helps."""


class Waiting(Protocol):
    """A reader that knows how many records wait for it."""

    async def waiting(self) -> int: ...


class IdleTimer:
    """Counts up to `idle_s` since the last reset; a declared pause counts as work until it is over."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last = clock()

    def reset(self, pause_s: float = 0.0) -> None:
        """Something was finished, or will be tried again after `pause_s`."""
        self._last = max(self._last, self._clock() + pause_s)

    @property
    def idle_s(self) -> float:
        """Seconds since then."""
        return max(0.0, self._clock() - self._last)


class Watchdog:
    """Watches one reader. Broker away: no verdict."""

    def __init__(
        self,
        service: str,
        readers: Sequence[Waiting],
        idle_timer: IdleTimer,
        *,
        patience: timedelta = PATIENCE,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._service = service
        self._readers = readers
        self._idle_timer = idle_timer
        self._patience_s = patience.total_seconds()
        self._sleep = sleep

    async def run(self) -> None:
        """Look from time to time. Raises ConsumerStuckError."""
        while True:
            await self._sleep(min(LOOK_EVERY.total_seconds(), self._patience_s / 4))
            await self._look()

    async def _look(self) -> None:
        try:
            waiting = sum([await reader.waiting() for reader in self._readers])
        except TransientError as exc:
            log.warning("cannot read the lag", error=str(exc))
            self._idle_timer.reset()
            return
        if waiting == 0:
            self._idle_timer.reset()
        elif self._idle_timer.idle_s > self._patience_s:
            raise_alarm(Alarm.CONSUMER_STUCK, self._service)
            raise ConsumerStuckError(
                f"{waiting} records wait and nothing was handled for {self._idle_timer.idle_s:.0f} s"
            )
