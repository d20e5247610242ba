"""Each inner name of Faust that the worker leans on. When an upgrade breaks one of these, read docs/decisions/0001."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import faust
import pytest
from faust.app.base import BootStrategy

from guichet.kafka.consume.batch import Batch
from guichet.kafka.consume.faust_app import WorkerApp, add_agent, build_faust_app
from guichet.kafka.records import RawRecord
from guichet_testing.builders.records import a_raw_record
from guichet_testing.until import PATIENCE_S


@asynccontextmanager
async def started(app: WorkerApp) -> AsyncIterator[WorkerApp]:
    async with asyncio.timeout(PATIENCE_S):
        await app.start()
        try:
            yield app
        finally:
            await app.stop()


async def test_boot_strategy_neither_consumer_nor_producer_starts() -> None:
    assert {"enable_kafka_consumer", "enable_kafka_producer"} <= set(vars(BootStrategy))
    async with started(build_faust_app("boot")) as app:  # its broker does not exist: connecting would fail
        assert not app.consumer.started
        assert not app.producer.started


async def test_thread_loop_the_loop_of_the_consumer_that_never_starts_is_closed() -> None:
    async with started(build_faust_app("loop")) as app:
        pass
    assert app.consumer._thread.thread_loop.is_closed()


async def test_wait_for_table_recovery_completed_a_task_starts_without_it() -> None:
    assert hasattr(faust.App, "_wait_for_table_recovery_completed")
    app, ran = build_faust_app("tables"), asyncio.Event()

    @app.task
    async def task() -> None:
        ran.set()

    async with started(app), asyncio.timeout(PATIENCE_S):
        await ran.wait()


def test_create_directories_no_folder_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert hasattr(faust.App, "_create_directories")
    monkeypatch.chdir(tmp_path)

    async def start_and_stop() -> None:
        async with started(build_faust_app("folders")):
            pass

    asyncio.run(start_and_stop())
    assert list(tmp_path.iterdir()) == []


async def test_flow_control_a_batch_reaches_the_agent() -> None:
    app, seen = build_faust_app("flow"), []

    async def work(records: Sequence[RawRecord]) -> None:
        seen.append(records)

    give = add_agent(app, "flow.agent", work)
    batch = Batch([a_raw_record(1)])
    async with started(app), asyncio.timeout(PATIENCE_S):
        await give(batch)
        await batch.ended.wait()
    assert seen == [batch.records]


async def test_flow_control_is_what_opens_the_channel() -> None:
    app, seen = build_faust_app("closed"), asyncio.Event()

    async def work(_: Sequence[RawRecord]) -> None:
        seen.set()

    give = add_agent(app, "closed.agent", work)
    async with started(app):
        app.flow_control.suspend()
        giving = asyncio.ensure_future(give(Batch([a_raw_record(1)])))
        await asyncio.sleep(0.2)
        assert not seen.is_set()
        app.flow_control.resume()
        await asyncio.wait_for(seen.wait(), PATIENCE_S)
        await giving


async def test_crashing_supervisor_an_agents_error_crashes_the_app() -> None:
    app = build_faust_app("agent")

    async def work(_: Sequence[RawRecord]) -> None:
        raise RuntimeError("the loop itself is broken")

    give = add_agent(app, "agent.agent", work)
    async with started(app), asyncio.timeout(PATIENCE_S):
        await give(Batch([a_raw_record(1)]))
        await app.wait(asyncio.Event().wait())  # returns because of the crash
    assert isinstance(app.crash_reason, RuntimeError)


async def test_a_tasks_error_crashes_the_app() -> None:
    app = build_faust_app("task")

    @app.task
    async def task() -> None:
        raise RuntimeError("a background task is broken")

    async with started(app), asyncio.timeout(PATIENCE_S):
        await app.wait(asyncio.Event().wait())
    assert isinstance(app.crash_reason, RuntimeError)
