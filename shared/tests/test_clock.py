"""What every face of the clock promises, and what the one that can be moved does across processes."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent

import pytest

from guichet.clock import Clock, MappedClock, SystemClock, make_clock_file, move_clock, never_behind, wait_at_most
from guichet.errors import SettingsError
from guichet_testing.twins.clock import StillClock

MOMENT = timedelta(seconds=0.15)
HOUR = timedelta(hours=1)
WOKEN_WITHIN_S = 60.0  # 0.04 s where the machine is idle; unwoken, it would be hours


@dataclass(frozen=True)
class Hands:
    """A clock and what may happen to it."""

    clock: Clock
    move: Callable[[timedelta], object]
    let_pass: Callable[[timedelta], Awaitable[None]]


def still() -> Hands:
    clock = StillClock()

    async def let_pass(duration: timedelta) -> None:
        clock.let_pass(duration)

    return Hands(clock, clock.move, let_pass)


def mapped(folder: Path) -> Hands:
    file = folder / "clock"
    make_clock_file(file)
    return Hands(
        MappedClock(file), lambda by: move_clock(file, by), lambda by: asyncio.sleep(by.total_seconds() + 0.05)
    )


@pytest.fixture(params=["still", "mapped"])
def hands(request, tmp_path):
    return still() if request.param == "still" else mapped(tmp_path)


async def woken(sleeping: asyncio.Task) -> bool:
    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.shield(sleeping), WOKEN_WITHIN_S)
    return sleeping.done()


async def asleep(clock: Clock, duration: timedelta) -> asyncio.Task:
    task = asyncio.create_task(clock.sleep(duration))
    await asyncio.sleep(0.01)
    return task


@pytest.mark.parametrize("clock", [SystemClock(), StillClock()])
def test_it_tells_an_aware_time_in_utc(clock):
    assert clock.now().tzinfo is UTC


async def test_a_move_is_seen_at_once(hands):
    before = hands.clock.now()
    hands.move(timedelta(days=3))
    assert hands.clock.now() - before >= timedelta(days=3)
    hands.move(-HOUR)
    assert timedelta(days=3) - HOUR <= hands.clock.now() - before < timedelta(days=3)


async def test_a_move_past_its_end_wakes_a_sleeper(hands):
    sleeping = await asleep(hands.clock, timedelta(days=1))
    hands.move(timedelta(hours=23))
    await asyncio.sleep(0.1)
    assert not sleeping.done()
    hands.move(HOUR + MOMENT)
    assert await woken(sleeping)


async def test_a_sleeper_wakes_when_its_time_has_passed(hands):
    began = hands.clock.now()
    sleeping = await asleep(hands.clock, MOMENT)
    assert not sleeping.done() or hands.clock.now() - began >= MOMENT  # a loaded machine may have slept over it
    await hands.let_pass(MOMENT)
    assert await woken(sleeping)


async def test_a_clock_that_is_put_back_lengthens_no_sleep(hands):
    sleeping = await asleep(hands.clock, MOMENT)
    hands.move(-HOUR)
    await hands.let_pass(MOMENT)
    assert await woken(sleeping)


@pytest.mark.parametrize("duration", [timedelta(0), -HOUR])
async def test_who_need_not_wait_does_not(hands, duration):
    assert await woken(await asleep(hands.clock, duration))


async def test_an_event_ends_a_wait_and_so_does_the_clock(hands):
    event = asyncio.Event()
    waiting = asyncio.create_task(wait_at_most(hands.clock.sleep, event, HOUR))
    await asyncio.sleep(0.01)
    hands.move(HOUR + MOMENT)
    assert await asyncio.wait_for(waiting, WOKEN_WITHIN_S) is False
    waiting = asyncio.create_task(wait_at_most(hands.clock.sleep, event, HOUR))
    await asyncio.sleep(0.01)
    event.set()
    assert await asyncio.wait_for(waiting, WOKEN_WITHIN_S) is True


async def test_the_machines_clock_sleeps_as_long_as_it_is_told():
    began = time.monotonic()
    await SystemClock().sleep(MOMENT)
    assert time.monotonic() - began >= MOMENT.total_seconds()
    assert abs(SystemClock().now() - datetime.now(UTC)) < timedelta(seconds=1)


SLEEPER = dedent("""
    import asyncio, sys, time
    from datetime import timedelta
    from pathlib import Path
    from guichet.clock import MappedClock

    async def main():
        clock = MappedClock(Path(sys.argv[1]))
        sleeping = asyncio.create_task(clock.sleep(timedelta(days=10)))
        await asyncio.sleep(0)  # it has begun
        print("asleep", flush=True)
        await sleeping
        print(time.monotonic(), flush=True)

    asyncio.run(main())
""")


def test_a_move_wakes_every_process_that_sleeps(tmp_path):
    file = tmp_path / "clock"
    make_clock_file(file)
    start = [sys.executable, "-c", SLEEPER, str(file)]
    sleepers = [subprocess.Popen(start, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    try:
        assert [each.stdout.readline() for each in sleepers] == ["asleep\n"] * 3
        moved_at = time.monotonic()
        move_clock(file, timedelta(days=10))
        woken_after = [float(each.stdout.readline()) - moved_at for each in sleepers]
        assert max(woken_after) < WOKEN_WITHIN_S
    finally:
        for each in sleepers:
            each.kill()
            each.communicate()


def test_seconds_that_are_never_behind_go_on_when_the_clock_goes_back_and_jump_ahead_with_it():
    clock, steady = StillClock(), iter([100.0, 101.0, 102.0, 103.0, 104.0])
    seconds = never_behind(clock.now, lambda: next(steady))
    assert seconds() == 1
    clock.move(-HOUR)
    assert seconds() == 2
    clock.move(timedelta(minutes=5))
    assert seconds() == 302
    assert seconds() == 303


def test_a_clock_file_that_is_there_stays_as_it_is(tmp_path):
    make_clock_file(tmp_path / "clock")
    move_clock(tmp_path / "clock", HOUR)
    make_clock_file(tmp_path / "clock")
    assert move_clock(tmp_path / "clock", timedelta(0)) == HOUR


@pytest.mark.parametrize("content", [None, b"", b"1234567"])
def test_a_wrong_file_is_refused_with_the_variable(tmp_path, content):
    file = tmp_path / "clock"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsError, match="GUICHET_CLOCK_FILE"):
        MappedClock(file)
