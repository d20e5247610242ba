"""Faust runs the worker; it does not read the topics (docs/decisions/0001).

Its own topic agents lose messages, so our reader fills channels with whole batches. The inner names of Faust that this
leans on stand here and nowhere else; shared/tests/kafka/consume/test_faust_app.py has a test for each.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import faust
from faust.app.base import BootStrategy
from mode.supervisors import CrashingSupervisor

from guichet.kafka.consume.batch import Batch, Work

Give = Callable[[Batch], Awaitable[None]]


class _Boot(BootStrategy):
    """Start neither Faust's consumer nor its producer: nothing of Faust's ever connects to the broker."""

    enable_kafka_consumer = False
    enable_kafka_producer = False


class WorkerApp(faust.App):
    """A Faust app without topics and tables. An error in an agent or task crashes it: `crashed`, `crash_reason`."""

    BootStrategy = _Boot

    async def on_shutdown(self) -> None:
        """Faust's consumer is made, though never started, with an event loop for its thread that nobody closes."""
        await super().on_shutdown()
        consumer: Any = self.consumer
        consumer._thread.thread_loop.close()

    async def _wait_for_table_recovery_completed(self) -> bool:
        """There are no tables. Faust would wait for its consumer to recover them, and never start a task."""
        return False

    def _create_directories(self) -> None:
        """Faust would leave an empty folder for its tables wherever the service is started."""


def build_faust_app(name: str) -> WorkerApp:
    """Return the app that runs a worker's agents and tasks. Build it inside the running loop."""
    app = WorkerApp(
        name,
        broker="kafka://127.0.0.1:9",  # never used: see _Boot
        store="memory://",
        value_serializer="raw",
        web_enabled=False,
        agent_supervisor=CrashingSupervisor,
        topic_disable_leader=True,
        topic_allow_declare=False,
        autodiscover=False,
    )
    app.flow_control.resume()  # Faust's own consumer would open it; closed, every channel blocks for ever
    return app


def add_agent(app: WorkerApp, name: str, work: Work) -> Give:
    """Add the agent that carries batches through `work`; return what hands it a batch."""
    batches = app.channel(maxsize=1)

    async def carry(stream: Any) -> None:
        async for batch in stream:
            await batch.carry_out(work)

    app.agent(batches, concurrency=1, name=name)(carry)

    async def give(batch: Batch) -> None:
        await batches.send(value=batch)

    return give
