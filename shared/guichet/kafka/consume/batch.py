"""A batch in work: one event on Faust's channel; the agent carries it out, others await it and may cancel it."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from guichet.kafka.records import RawRecord
from guichet.runtime.worker_stopped import WorkerStoppedError

Work = Callable[[Sequence[RawRecord]], Awaitable[None]]


class Batch:
    """Records on their way through the loop. `ended` is set when nothing of it is in work any more."""

    def __init__(self, records: Sequence[RawRecord]) -> None:
        self.records = records
        self.ended = asyncio.Event()
        self.was_cancelled = False
        self.failure: BaseException | None = None
        self._task: asyncio.Task[None] | None = None

    async def carry_out(self, work: Work) -> None:
        """Do the work. A cancelled batch ends quietly; a failure is kept, and raised unless it is on purpose."""
        try:
            if not self.was_cancelled:
                self._task = asyncio.ensure_future(_run(work, self.records))
                await self._outcome(self._task)
        except BaseException as exc:
            self.failure = exc
            if not isinstance(exc, WorkerStoppedError):
                raise
        finally:
            self.ended.set()

    async def _outcome(self, task: "asyncio.Task[None]") -> None:
        try:
            await task
        except asyncio.CancelledError:
            if not self.was_cancelled:  # the agent itself is being stopped
                task.cancel()
                raise

    def cancel(self) -> None:
        """Stop it where it is; what is finished stays finished."""
        self.was_cancelled = True
        if self._task is not None:
            self._task.cancel()
        else:
            self.ended.set()  # no agent has taken it up, and none will now

    async def end_within(self, patience: timedelta) -> None:
        """Return when it has ended: by itself within `patience`, otherwise cancelled."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience.total_seconds()):
                await self.ended.wait()
                return
        self.cancel()
        await self.ended.wait()


async def _run(work: Work, records: Sequence[RawRecord]) -> None:
    await work(records)
