"""A whole worker process for the tests: python worker_process.py BOOTSTRAP TOPIC BOOK MODE.

It writes the id of every knock that it has handled into BOOK, a line each, durably.
MODE: steady · slow (half a second per knock) · poison (every knock is permanently refused) · loop-bug · misconfigured ·
sweeping (a background task that never ends).
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from guichet.clock import SystemClock
from guichet.errors import PermanentError, SettingsError
from guichet.kafka.consume.loop import BatchLoop
from guichet.kafka.consume.worker import Worker, dispatch
from guichet.kafka.dead_letters.publish import DeadLetters
from guichet.kafka.records import RawRecord
from guichet.runtime.service import run_service
from guichet.runtime.settings import HealthSettings, KafkaSettings, ServiceSettings
from guichet_testing.builders.records import Knocked, a_topic
from guichet_testing.twins.vault import InMemoryVault


def write_line(book: Path, line: str) -> None:
    with book.open("a") as pages:
        pages.write(f"{line}\n")
        pages.flush()
        os.fsync(pages.fileno())


def main(bootstrap: str, topic_name: str, book: str, mode: str) -> None:
    kafka = KafkaSettings(kafka_bootstrap_servers=bootstrap, dead_letters_per_minute=3)

    async def write_down(knock: Knocked) -> None:
        if mode == "poison":
            raise PermanentError("nobody at home", reason="nobody-home")
        write_line(Path(book), knock.event_id)
        if mode == "slow":
            await asyncio.sleep(0.5)

    async def broken(_: BatchLoop, __: Sequence[RawRecord]) -> None:
        raise RuntimeError("the loop itself is broken")

    async def misconfigured() -> None:
        raise SettingsError("GUICHET_DOOR is not set. Set it.")

    async def sweep_on() -> None:
        await asyncio.Event().wait()

    worker = Worker(
        "worker", kafka, HealthSettings(), DeadLetters(kafka, InMemoryVault(), service="worker", now=SystemClock().now)
    )
    worker.read([a_topic("worker", name=topic_name)], dispatch({Knocked: write_down}))
    if mode == "loop-bug":
        replaced: Any = BatchLoop
        replaced.work = broken
    if mode == "sweeping":
        worker.background(sweep_on)
    if mode == "misconfigured":
        worker.on_start(misconfigured)
    run_service("worker", ServiceSettings, lambda _: worker)


if __name__ == "__main__":
    main(*sys.argv[1:])
