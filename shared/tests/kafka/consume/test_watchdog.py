import asyncio
from datetime import timedelta

import pytest

from guichet.errors import TransientError
from guichet.kafka.consume.watchdog import ConsumerStuckError, IdleTimer, Watchdog


class Time:
    """A clock that a watchdog's own sleep moves on; ends the test after an hour without a verdict."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        if self.now > 3600:
            raise asyncio.CancelledError


class Queue:
    def __init__(self, *waiting: int | Exception, idle_timer: IdleTimer | None = None) -> None:
        self._waiting = list(waiting)
        self._idle_timer = idle_timer

    async def waiting(self) -> int:
        if self._idle_timer is not None:
            self._idle_timer.reset()
        answer = self._waiting.pop(0) if len(self._waiting) > 1 else self._waiting[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


async def verdict(time: Time, idle_timer: IdleTimer, queue: Queue) -> type[BaseException]:
    dog = Watchdog("worker", [queue], idle_timer, patience=timedelta(minutes=2), sleep=time.sleep)
    with pytest.raises((ConsumerStuckError, asyncio.CancelledError)) as ended:
        await dog.run()
    return ended.type


async def test_records_that_wait_while_nothing_is_handled_end_the_process() -> None:
    time = Time()
    assert await verdict(time, IdleTimer(time), Queue(1, 5, 9)) is ConsumerStuckError
    assert 120 < time.now < 150


async def test_nothing_to_do_is_no_trouble() -> None:
    time = Time()
    assert await verdict(time, IdleTimer(time), Queue(0)) is asyncio.CancelledError


async def test_lag_is_no_trouble_while_something_is_handled() -> None:
    time = Time()
    idle_timer = IdleTimer(time)
    assert await verdict(time, idle_timer, Queue(1000, idle_timer=idle_timer)) is asyncio.CancelledError


async def test_a_broker_that_is_away_gives_no_verdict() -> None:
    time = Time()
    assert await verdict(time, IdleTimer(time), Queue(TransientError("away"))) is asyncio.CancelledError


async def test_a_declared_pause_feeds_it_until_the_pause_is_over() -> None:
    time = Time()
    idle_timer = IdleTimer(time)
    idle_timer.reset(pause_s=1000)
    assert await verdict(time, idle_timer, Queue(3)) is ConsumerStuckError
    assert time.now > 1120
