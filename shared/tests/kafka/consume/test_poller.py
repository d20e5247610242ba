"""Between reader and agent, without a broker and without Faust."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from guichet.errors import TransientError
from guichet.kafka.consume import poller as poller_file
from guichet.kafka.consume.batch import Batch
from guichet.kafka.consume.poller import Poller
from guichet.kafka.records import RawRecord
from guichet.runtime.telemetry.alarms import Alarm
from guichet.runtime.worker_stopped import WorkerStoppedError
from guichet_testing.builders.records import a_raw_record
from guichet_testing.until import PATIENCE_S, until

Work = Callable[[Sequence[RawRecord]], Awaitable[None]]


class InMemorySource:
    def __init__(self, *batches: list[RawRecord], away: int = 0) -> None:
        self.acts: list[str] = []
        self._batches = list(batches)
        self._away = away

    async def start(self) -> None:
        self.acts.append("start")
        if self._away:
            self._away -= 1
            raise TransientError("the broker is away")

    async def poll(self) -> list[RawRecord]:
        await asyncio.sleep(0.001)
        return self._batches.pop(0) if self._batches else []

    async def hold(self) -> None:
        self.acts.append("hold")

    def go_on(self) -> None:
        self.acts.append("go on")

    async def commit(self) -> None:
        self.acts.append("commit")

    async def leave(self) -> None:
        self.acts.append("leave")

    async def abandon(self) -> None:
        self.acts.append("abandon")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poller_file, "HOLD_EVERY", timedelta(milliseconds=10))
    monkeypatch.setattr(poller_file, "STOP_GRACE", timedelta(milliseconds=50))
    monkeypatch.setattr(poller_file, "REVOCATION_GRACE", timedelta(milliseconds=50))


class Agent:
    """Carries batches out as Faust's would. works: per batch, in order."""

    def __init__(self, *works: Work) -> None:
        self._works = list(works)
        self._tasks: list[asyncio.Future[None]] = []

    async def give(self, batch: Batch) -> None:
        if self._works:
            task = asyncio.ensure_future(batch.carry_out(self._works.pop(0)))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._tasks.append(task)


async def run_until(poller: Poller, stopping: asyncio.Event, condition: Callable[[], bool]) -> None:
    running = asyncio.ensure_future(poller.run())
    await until(lambda: condition() or running.done())
    stopping.set()
    await running


async def quick(_: Sequence[RawRecord]) -> None:
    await asyncio.sleep(0)


async def test_a_batch_is_committed_once_it_is_done() -> None:
    source, stopping = InMemorySource([a_raw_record(1)], [a_raw_record(2)]), asyncio.Event()
    await run_until(
        Poller(source, Agent(quick, quick).give, stopping), stopping, lambda: source.acts.count("commit") == 2
    )
    assert source.acts == ["start", "go on", "commit", "go on", "commit", "leave"]


async def test_polling_goes_on_while_a_batch_takes_long() -> None:
    source, stopping, done = InMemorySource([a_raw_record(1)]), asyncio.Event(), asyncio.Event()

    async def long(_: Sequence[RawRecord]) -> None:
        await done.wait()

    running = asyncio.ensure_future(Poller(source, Agent(long).give, stopping).run())
    await until(lambda: source.acts.count("hold") >= 3)
    assert "commit" not in source.acts
    done.set()
    stopping.set()
    await running


async def test_a_stop_waits_for_the_batch_then_cancels_it_and_commits_what_is_finished() -> None:
    source, stopping = InMemorySource([a_raw_record(1)]), asyncio.Event()
    cancelled: list[bool] = []

    async def endless(_: Sequence[RawRecord]) -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    await run_until(Poller(source, Agent(endless).give, stopping), stopping, lambda: "hold" in source.acts)
    assert cancelled == [True]
    assert source.acts[-2:] == ["commit", "leave"]


async def test_a_revocation_waits_for_the_batch_in_work(monkeypatch: pytest.MonkeyPatch) -> None:
    source, stopping, began, ended = InMemorySource([a_raw_record(1)]), asyncio.Event(), asyncio.Event(), []

    async def short(_: Sequence[RawRecord]) -> None:
        began.set()
        await asyncio.sleep(0.02)
        ended.append(True)

    monkeypatch.setattr(poller_file, "REVOCATION_GRACE", timedelta(minutes=1))
    poller = Poller(source, Agent(short).give, stopping)
    running = asyncio.ensure_future(poller.run())
    await began.wait()
    await poller.release()
    assert ended == [True]
    stopping.set()
    await running


async def test_a_revocation_cancels_a_batch_that_takes_too_long_and_the_pump_goes_on() -> None:
    source, stopping = InMemorySource([a_raw_record(1)], [a_raw_record(2)]), asyncio.Event()
    first, second = asyncio.Event(), asyncio.Event()

    async def endless(_: Sequence[RawRecord]) -> None:
        first.set()
        await asyncio.Event().wait()

    async def then(_: Sequence[RawRecord]) -> None:
        second.set()

    poller = Poller(source, Agent(endless, then).give, stopping)
    running = asyncio.ensure_future(poller.run())
    await first.wait()
    await poller.release()
    await asyncio.wait_for(second.wait(), PATIENCE_S)
    stopping.set()
    await running


async def test_a_broker_that_is_away_is_waited_for() -> None:
    source, stopping = InMemorySource([a_raw_record(1)], away=2), asyncio.Event()
    await run_until(Poller(source, Agent(quick).give, stopping), stopping, lambda: "commit" in source.acts)
    assert source.acts.count("start") == 3


async def test_a_stop_while_waiting_for_the_broker_ends_it() -> None:
    source, stopping = InMemorySource(away=1000), asyncio.Event()
    await run_until(Poller(source, Agent().give, stopping), stopping, lambda: "start" in source.acts)
    assert source.acts[-1] == "leave"


async def test_a_stop_on_purpose_commits_what_is_finished_and_is_raised() -> None:
    source, stopping = InMemorySource([a_raw_record(1)]), asyncio.Event()

    async def full(_: Sequence[RawRecord]) -> None:
        raise WorkerStoppedError("too many", alarm=Alarm.DEAD_LETTER_CEILING, cause="worker")

    with pytest.raises(WorkerStoppedError):
        await run_until(Poller(source, Agent(full).give, stopping), stopping, lambda: False)
    assert source.acts == ["start", "leave"]  # the last commit is a part of leaving in order


async def test_a_crash_leaves_what_was_in_work_under_suspicion() -> None:
    source, stopping = InMemorySource([a_raw_record(1)]), asyncio.Event()

    async def broken(_: Sequence[RawRecord]) -> None:
        raise RuntimeError("a bug in the loop")

    with pytest.raises(RuntimeError):
        await run_until(Poller(source, Agent(broken).give, stopping), stopping, lambda: False)
    assert source.acts == ["start", "abandon"]


async def test_a_batch_that_no_agent_takes_up_does_not_keep_the_process() -> None:
    source, stopping = InMemorySource([a_raw_record(1)]), asyncio.Event()
    await run_until(Poller(source, Agent().give, stopping), stopping, lambda: "hold" in source.acts)
    assert source.acts[-1] == "leave"


async def test_an_error_of_the_loop_is_not_swallowed() -> None:
    async def broken(_: Sequence[RawRecord]) -> None:
        raise RuntimeError("a bug in the loop")

    batch = Batch([a_raw_record(1)])
    with pytest.raises(RuntimeError):
        await batch.carry_out(broken)
    assert batch.ended.is_set()


async def test_an_agent_that_is_stopped_takes_its_work_with_it() -> None:
    stopped: list[Any] = []
    began = asyncio.Event()

    async def endless(_: Sequence[RawRecord]) -> None:
        began.set()
        try:
            await asyncio.sleep(60)
        finally:
            stopped.append(True)

    carrying = asyncio.ensure_future(Batch([a_raw_record(1)]).carry_out(endless))
    await began.wait()
    carrying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await carrying
    await until(lambda: bool(stopped))
    assert stopped == [True]
