"""What time it is, and how to wait for a time: the one port that every decision in time asks.

A composition root makes one `Clock` and hands its halves on: `clock.now` to whoever looks, `clock.sleep` to whoever
waits. Another clock is kept by a few, named in docs/reliability.md: leases (the store's own), Kafka's timestamps.

Two faces: the machine's clock, and the machine's moved by an offset that lies in a small file. Every process that maps
the file sees a move at once, so that a test can let a whole town live through a week in an hour.

    the file: int64, microseconds to add, in the machine's byte order; 8 bytes
"""

import asyncio
import mmap
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

from guichet.errors import SettingsError

LOOKS_EVERY: Final = timedelta(milliseconds=40)  # a sleeper, at a clock that may be moved
_LOOKS_AT_THE_MACHINE_EVERY: Final = timedelta(seconds=60)  # it may have been suspended, or set
_BYTES: Final = 8
_MICROSECOND: Final = timedelta(microseconds=1)

Sleep = Callable[[timedelta], Awaitable[None]]
"""`Clock.sleep`."""


class Clock(Protocol):
    """What time it is, for everybody who decides by it."""

    def now(self) -> datetime:
        """Return the time: aware, UTC. It may be earlier than it was: clocks are put back."""

    async def sleep(self, duration: timedelta) -> None:
        """Wait until so much time has passed, or until the clock was moved past that moment, whichever is first.

        A clock that is put back lengthens no wait.
        """


class SystemClock(Clock):
    """The machine's."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, duration: timedelta) -> None:
        await _sleep(self, duration, _LOOKS_AT_THE_MACHINE_EVERY)


class MappedClock(Clock):
    """The machine's clock and an offset that others may change at any time. Raises SettingsError for a wrong file."""

    def __init__(self, file: Path) -> None:
        self._offset = _mapped(file, writable=False)

    @property
    def offset(self) -> timedelta:
        """How far the clock has been moved; negative: back."""
        return self._offset[0] * _MICROSECOND

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    async def sleep(self, duration: timedelta) -> None:
        await _sleep(self, duration, LOOKS_EVERY)


def make_clock_file(file: Path) -> None:
    """Make the file of a clock that has not been moved; one that is there stays as it is."""
    if not file.exists():
        file.write_bytes(bytes(_BYTES))


def move_clock(file: Path, by: timedelta) -> timedelta:
    """Move the clock of every process that maps the file; return how far it has been moved in all.

    Raises SettingsError for a wrong file.
    """
    offset = _mapped(file, writable=True)
    offset[0] += by // _MICROSECOND
    return offset[0] * _MICROSECOND


def never_behind(now: Callable[[], datetime], steady: Callable[[], float] = time.monotonic) -> Callable[[], float]:
    """Return seconds for what may be kept so long and no longer: they never go back, and jump ahead with the clock.

    So what is remembered is forgotten no later than whoever waits for that by the clock believes. now: `Clock.now`.
    """
    passed, read_at = 0.0, (steady(), now())

    def seconds() -> float:
        nonlocal passed, read_at
        before, read_at = read_at, (steady(), now())
        passed += max(0.0, read_at[0] - before[0], (read_at[1] - before[1]).total_seconds())
        return passed

    return seconds


async def wait_at_most(sleep: Sleep, event: asyncio.Event, duration: timedelta) -> bool:
    """Wait for an event, so long by the clock; return whether it came."""
    waiting = [asyncio.ensure_future(event.wait()), asyncio.ensure_future(sleep(duration))]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waiting:
            each.cancel()
    return event.is_set()


async def _sleep(clock: Clock, duration: timedelta, looks_every: timedelta) -> None:
    """Sleep in pieces, each as long as the machine's steady clock says, and look at the clock in between."""
    loop = asyncio.get_running_loop()
    passed_at, wanted = loop.time() + duration.total_seconds(), clock.now() + duration
    while True:
        left = min(passed_at - loop.time(), (wanted - clock.now()).total_seconds())
        await asyncio.sleep(max(0.0, min(left, looks_every.total_seconds())))
        if loop.time() >= passed_at or clock.now() >= wanted:
            return


def _mapped(file: Path, *, writable: bool) -> "memoryview[int]":
    """Map the offset, to be read and written whole: one aligned word. The mapping lives as long as the view."""
    access = mmap.ACCESS_WRITE if writable else mmap.ACCESS_READ
    try:
        with file.open("r+b" if writable else "rb") as opened:
            return memoryview(mmap.mmap(opened.fileno(), _BYTES, access=access)).cast("q")
    except (OSError, ValueError) as exc:
        raise SettingsError(
            f"GUICHET_CLOCK_FILE: {file} is no file of a clock ({exc}). Leave it unset for the machine's clock."
        ) from exc
