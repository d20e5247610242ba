"""One `read` of a worker, put together: reader → poller → agent → loop, with its watchdog."""

import asyncio
from collections.abc import Callable

from guichet.kafka.consume.faust_app import WorkerApp, add_agent
from guichet.kafka.consume.loop import BatchLoop
from guichet.kafka.consume.poller import Poller
from guichet.kafka.consume.reader import Reader, Release
from guichet.kafka.consume.watchdog import IdleTimer, Watchdog
from guichet.runtime.telemetry.alarms import raise_alarm
from guichet.runtime.worker_stopped import WorkerStoppedError


class Pipeline:
    """Tasks of a Faust app. ended: set once the group is left; stopped_by: why, when it was on purpose."""

    def __init__(
        self,
        app: WorkerApp,
        name: str,
        make_reader: Callable[[Release], Reader],
        make_loop: Callable[[Reader, IdleTimer], BatchLoop],
        stopping: asyncio.Event,
    ) -> None:
        self.ended = asyncio.Event()
        self.stopped_by: WorkerStoppedError | None = None
        self._stopping = stopping
        self._idle_timer = IdleTimer()
        self.reader = make_reader(self._release)
        self._poller = Poller(
            self.reader, add_agent(app, name, make_loop(self.reader, self._idle_timer).work), stopping
        )
        self._watchdog = Watchdog(name, [self.reader], self._idle_timer)
        app.task(self._keep_reading)
        app.task(self._keep_watch)

    async def _keep_reading(self) -> None:
        try:
            await self._poller.run()
        except WorkerStoppedError as exc:
            raise_alarm(exc.alarm, exc.cause)
            self.stopped_by = exc
            self._stopping.set()
        finally:
            self.ended.set()

    async def _keep_watch(self) -> None:
        await self._watchdog.run()

    async def _release(self) -> None:
        await self._poller.release()
