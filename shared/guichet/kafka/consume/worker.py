"""What a service's composition root builds: a worker that reads topics, and run by guichet.runtime.service.run_service.

    worker = Worker("case-router", settings.kafka, settings.health, dead_letters)
    worker.read([*INBOUND, CASE_COMMANDS], dispatch({MessageReceived: file_message, CloseCase: close_case}))
    worker.background(sweep)
    return worker

Exit status: 0 after SIGTERM or SIGINT, 1 after a crash (the supervisor restarts it), 75 when it stopped on purpose and
a person must act first, 78 when the configuration is wrong.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import structlog

from guichet.contracts.topics import Topic
from guichet.kafka.consume.batch_pause import NO_PAUSE, BatchPause
from guichet.kafka.consume.dispatch import Handler, dispatch, in_parallel
from guichet.kafka.consume.faust_app import WorkerApp, build_faust_app
from guichet.kafka.consume.loop import BatchLoop
from guichet.kafka.consume.pipeline import Pipeline
from guichet.kafka.consume.poller import STOP_GRACE
from guichet.kafka.consume.reader import BATCH_SIZE, Reader
from guichet.kafka.consume.withheld import Withheld
from guichet.kafka.dead_letters.publish import DeadLetters
from guichet.kafka.records import Admit, BatchHandler, Received
from guichet.privacy.signing.records import Verifier
from guichet.runtime.health import Health
from guichet.runtime.server import require_free_port, serving_health
from guichet.runtime.settings import HealthSettings, KafkaSettings

__all__ = ["BATCH_SIZE", "BatchHandler", "Handler", "Received", "Worker", "dispatch", "in_parallel"]

log = structlog.get_logger()

Step = Callable[[], Awaitable[None]]
_LEAVING_S: Final = STOP_GRACE.total_seconds() + 12  # the batch in work, then the group
SEEN_AFTER: Final = timedelta(seconds=8)  # ops-console looks every 2 s, Prometheus is often told every 5


@dataclass(frozen=True)
class _Reading:
    """What a worker reads as one group. See Worker.read."""

    topics: tuple[Topic[Any], ...]
    handle: BatchHandler
    group: str
    batch_size: int
    admit: Admit | None
    apart: frozenset[str]
    pause: BatchPause


class Worker:
    """One process of a service. Nothing connects before `serve`.

    health: add the parts that this service cannot do without. where: the address that tells of it. verifier: whom the
    service believes, where it reads what is signed. seen_after: how long a worker that stopped on purpose still serves
    its metrics, so that the alarm which says why is seen before it is gone.
    """

    def __init__(
        self,
        name: str,
        kafka: KafkaSettings,
        where: HealthSettings,
        dead_letters: DeadLetters,
        *,
        verifier: Verifier | None = None,
        seen_after: timedelta = SEEN_AFTER,
    ) -> None:
        self.name = name
        self.health = Health()
        self._where = where
        self._kafka = kafka
        self._dead_letters = dead_letters
        self._verifier = verifier
        self._seen_after_s = seen_after.total_seconds()
        self._reads: list[_Reading] = []
        self._pipelines: list[Pipeline] = []
        self._background: list[Step] = []
        self._on_start: list[Step] = []
        self._on_stop: list[Step] = []
        self.port = where.health_port  # the bound one, once it serves

    def read(
        self,
        topics: Sequence[Topic[Any]],
        handle: BatchHandler,
        group: str | None = None,
        *,
        batch_size: int = BATCH_SIZE,
        admit: Admit | None = None,
        apart: Sequence[Topic[Any]] = (),
        pause: BatchPause = NO_PAUSE,
    ) -> None:
        """Read these topics as `group` (the service's name) and give each batch to `handle`.

        batch_size: how many records it is given at most. admit: refuses what must not reach `handle`. apart: those of
        the topics whose writers are not part of Guichet; nothing that lies there stops the worker, or keeps it from the
        others. pause: between two small batches.

        Raises ValueError when the registry does not name the group as a consumer of a topic: what it had not handled
        could be trimmed. ValueError too for a topic whose records are signed, where there is no verifier.
        """
        group = group or self.name
        for topic in topics:
            if group not in topic.groups:
                raise ValueError(f"{group} is not registered as a consumer of {topic.name} (guichet.contracts.topics)")
            if topic.is_signed and self._verifier is None:
                raise ValueError(f"records of {topic.name} are signed: {group} needs a verifier")
        named = frozenset(topic.name for topic in apart)
        if named:
            self._dead_letters.stop_for_none_of(named)
        self._reads.append(_Reading(tuple(topics), handle, group, batch_size, admit, named, pause))

    def share(self) -> float:
        """Return which part of all that is read this process reads, from 0 to 1, by partitions. Nobody is asked: those
        of all processes are never more than 1 together, for as long as each knows of its group."""
        counts = [pipeline.reader.held for pipeline in self._pipelines]
        there = sum(of_topics for _, of_topics in counts)
        return sum(held for held, _ in counts) / there if there else 0.0

    def background(self, task: Step) -> None:
        """Run `task` as long as the worker runs; its error crashes the process."""
        self._background.append(task)

    def on_start(self, step: Step) -> None:
        """Run `step` before anything is read. Its error ends the process."""
        self._on_start.append(step)

    def on_stop(self, step: Step) -> None:
        """Run `step` after the last batch, in reverse order of registration."""
        self._on_stop.append(step)

    async def serve(self, stopping: asyncio.Event) -> BaseException | None:
        """Run until `stopping` is set or something fails; return what failed. Raises what a start step raises."""
        require_free_port(self._where.health_host, self._where.health_port, "GUICHET_HEALTH_PORT")
        app = build_faust_app(self.name)
        withheld = Withheld(self._reads_of_ours())
        pipelines = [self._add_pipeline(app, nth, withheld, stopping) for nth in range(len(self._reads))]
        self._pipelines = pipelines
        for task in (self._serve_health, *self._background):
            app.task(_as_faust_task(task))
        try:
            await self._start()
            await app.start()
            await app.wait(stopping.wait())
            stopping.set()
            await _all_ended(pipelines)
            failures = [pipeline.stopped_by for pipeline in pipelines if pipeline.stopped_by is not None]
            if failures:
                await self._let_the_alarm_be_seen(stopping)
        finally:
            await app.stop()
            await self._finish()
        crash: BaseException | None = app.crash_reason
        return failures[0] if failures else crash

    def _reads_of_ours(self) -> Iterator[tuple[str, str]]:
        """Yield each group with a topic whose dead letters tell of the worker: those of a topic apart do not."""
        for read in self._reads:
            yield from ((read.group, topic.name) for topic in read.topics if topic.name not in read.apart)

    async def _let_the_alarm_be_seen(self, stopping: asyncio.Event) -> None:
        """Serve metrics a little longer, unless somebody says stop: who reads nothing any more does no harm."""
        stopping.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), self._seen_after_s)

    def _add_pipeline(self, app: WorkerApp, nth: int, withheld: Withheld, stopping: asyncio.Event) -> Pipeline:
        read = self._reads[nth]
        pipeline = Pipeline(
            app,
            f"{self.name}.{nth}",
            lambda release: Reader(
                self._kafka,
                read.topics,
                read.group,
                release=release,
                withheld=withheld,
                batch_size=read.batch_size,
                verifier=self._verifier,
                admit=read.admit,
                apart=read.apart,
            ),
            lambda reader, idle_timer: BatchLoop(
                service=self.name,
                group=read.group,
                handle=read.handle,
                dead_letters=self._dead_letters,
                tracker=reader.tracker,
                idle_timer=idle_timer,
                withheld=withheld,
                pause=read.pause,
            ),
            stopping,
        )
        self.health.add(f"kafka-{read.group}-{nth}", pipeline.reader.check)
        return pipeline

    async def _start(self) -> None:
        await self._dead_letters.start()
        for step in self._on_start:
            await step()

    async def _serve_health(self) -> None:
        async with serving_health(self.health, self._where) as self.port:
            await asyncio.Event().wait()  # until the app stops its tasks

    async def _finish(self) -> None:
        for step in reversed(self._on_stop):
            try:
                await step()
            except Exception as exc:
                log.warning("a stop step failed", error=type(exc).__name__)
        await self._dead_letters.stop()


async def _all_ended(pipelines: Sequence[Pipeline]) -> None:
    """Wait until every group is left; one that cannot must not keep the process."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_LEAVING_S):
            await asyncio.gather(*(pipeline.ended.wait() for pipeline in pipelines))


def _as_faust_task(step: Step) -> Step:
    """Faust looks at a task's signature: a partial or a method becomes a plain function."""

    async def task() -> None:
        await step()

    return task
