"""The worker as a process: its exit status, SIGTERM, kill -9, a broker that goes away."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from guichet.contracts.topics import Topic
from guichet.kafka.admin.offsets import Offsets
from guichet.kafka.admin.topics import create_topics
from guichet.kafka.attempts import Mark
from guichet.runtime.settings import KafkaSettings
from guichet_local.kafka.server import KafkaServer
from guichet_testing.builders.records import Knocked, a_knock, a_topic
from guichet_testing.real.broker import a_topic_with, publish
from guichet_testing.until import until

pytestmark = pytest.mark.real

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def kafka(kafka_server: Any) -> KafkaSettings:
    return KafkaSettings(kafka_bootstrap_servers=kafka_server.bootstrap_servers)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return tmp_path / "book"


@pytest.fixture
def start(tmp_path: Path, book: Path) -> Iterator[Start]:
    """Start a worker; what it says goes to worker.log. Every one is gone after the test."""
    processes: list[subprocess.Popen[bytes]] = []

    def start_one(kafka: KafkaSettings, topic: Topic[Any], mode: str = "steady") -> subprocess.Popen[bytes]:
        script = str(Path(__file__).with_name("worker_process.py"))
        arguments = [sys.executable, script, kafka.kafka_bootstrap_servers, topic.name, str(book), mode]
        with (tmp_path / "worker.log").open("ab") as said:
            processes.append(subprocess.Popen(arguments, stderr=said, stdout=said))
        return processes[-1]

    yield start_one
    for process in processes:
        process.kill()
        process.wait()


async def ended(process: subprocess.Popen[bytes], seconds: float = 40) -> int:
    return await asyncio.to_thread(process.wait, seconds)


def written(book: Path) -> list[str]:
    return book.read_text().split() if book.exists() else []


def said(book: Path) -> str:
    return book.with_name("worker.log").read_text()


def knocks(size: int) -> list[Knocked]:
    return [a_knock(f"k{n}") for n in range(size)]


async def mark_left(kafka: KafkaSettings, topic: Topic[Any]) -> tuple[int, Mark]:
    async with Offsets(kafka) as offsets:
        [partition] = await offsets.partitions([topic.name])
        found = (await offsets.committed("worker", [partition]))[partition]
    assert found is not None
    return found.offset, Mark.read(found.metadata)


async def test_sigterm_ends_the_batch_commits_and_exits_0(kafka: KafkaSettings, start: Start, book: Path) -> None:
    topic = await a_topic_with(kafka, knocks(3), "worker")
    process = start(kafka, topic, "slow")
    await until(lambda: bool(written(book)))
    process.send_signal(signal.SIGTERM)
    assert await ended(process) == 0
    assert written(book) == ["k0", "k1", "k2"]  # one key, one after the other: the batch was let end
    assert await mark_left(kafka, topic) == (3, Mark(clean=True))


def lines_of(book: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said(book).splitlines()]


@pytest.mark.parametrize("mode", ["steady", "sweeping"])
async def test_a_stop_in_order_says_nothing_of_errors_even_to_who_is_still_connected(
    kafka: KafkaSettings, start: Start, book: Path, mode: str
) -> None:
    topic = await a_topic_with(kafka, knocks(3), "worker")
    process = start(kafka, topic, mode)
    await until(lambda: len(written(book)) == 3)
    [serving] = [line for line in lines_of(book) if line["event"] == "health served"]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{serving['port']}", trust_env=False) as probe:
        assert (await probe.get("/health/live")).status_code == 200
        before = len(lines_of(book))
        process.send_signal(signal.SIGTERM)
        assert await ended(process) == 0
    last = lines_of(book)[before:]
    assert [line for line in last if line["level"] in ("error", "critical")] == []
    assert last[-1]["event"] == "stopped"


@pytest.mark.parametrize("size", [1, 50])
async def test_an_error_of_the_loop_exits_1_and_loses_nothing(
    kafka: KafkaSettings, start: Start, book: Path, size: int
) -> None:
    topic = await a_topic_with(kafka, knocks(size), "worker")
    assert await ended(start(kafka, topic, "loop-bug")) == 1
    assert await mark_left(kafka, topic) == (0, Mark())
    process = start(kafka, topic)
    await until(lambda: len(set(written(book))) == size)
    process.send_signal(signal.SIGTERM)
    assert await ended(process) == 0


async def test_killed_in_the_middle_and_started_again_it_loses_nothing(
    kafka: KafkaSettings, start: Start, book: Path
) -> None:
    topic = await a_topic_with(kafka, knocks(6), "worker")
    process = start(kafka, topic, "slow")
    await until(lambda: len(written(book)) >= 3)
    process.kill()
    await ended(process)
    assert await mark_left(kafka, topic) == (0, Mark())
    start(kafka, topic)  # joins once the dead one's session has run out
    await until(lambda: set(written(book)) == {f"k{n}" for n in range(6)})


async def test_too_many_dead_letters_exit_75_and_say_how_to_resume(
    kafka: KafkaSettings, start: Start, book: Path
) -> None:
    topic = await a_topic_with(kafka, knocks(10), "worker")
    assert await ended(start(kafka, topic, "poison")) == 75
    assert "guichet dead-letters list" in said(book)
    assert await mark_left(kafka, topic) == (3, Mark(clean=True))


async def test_a_wrong_setting_exits_78_and_names_it(kafka: KafkaSettings, start: Start, book: Path) -> None:
    topic = a_topic("worker")
    assert await ended(start(kafka, topic, "misconfigured")) == 78
    assert "GUICHET_DOOR is not set" in said(book)


async def test_it_waits_for_broker_and_topics_and_goes_on_after_an_outage(
    own_broker: KafkaServer, start: Start, book: Path
) -> None:
    kafka, topic = KafkaSettings(kafka_bootstrap_servers=own_broker.bootstrap_servers), a_topic("worker")
    process = start(kafka, topic)
    await until(lambda: "cannot start reading yet" in said(book) if book.with_name("worker.log").exists() else False)
    await asyncio.to_thread(own_broker.start)
    await until(lambda: "run `guichet topics create`" in said(book))
    await create_topics(kafka, topics=[topic])
    await publish(kafka, topic, knocks(3))
    await until(lambda: set(written(book)) == {"k0", "k1", "k2"})

    await asyncio.to_thread(own_broker.kill)
    await asyncio.sleep(1)
    await asyncio.to_thread(own_broker.start)
    await publish(kafka, topic, [a_knock("after")])
    await until(lambda: "after" in written(book))
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert await ended(process) == 0
