"""What the console says of a real broker, beside what Kafka's own tools say of it (issue 3: Operations)."""

import asyncio
import re
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition
from aiosmtpd.controller import Controller
from pydantic import AnyHttpUrl

from guichet.clock import SystemClock
from guichet.contracts.topics import Topic
from guichet.kafka.admin.topics import create_topics
from guichet.kafka.dead_letters.index import DeadLetterIndex, close, operators_producer
from guichet.kafka.dead_letters.publish import Cause, DeadLetters
from guichet.kafka.produce.publisher import KafkaPublisher, Publication
from guichet.runtime.settings import HttpSettings, KafkaSettings
from guichet_local.kafka.installation import KafkaInstallation
from guichet_local.kafka.server import KafkaServer
from guichet_local.machine.ports import free_ports
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.builders.records import a_knock, a_raw_record, a_topic
from guichet_testing.real.kafka_tools import describe_group_command, lags_in
from guichet_testing.twins.vault import InMemoryVault
from guichet_testing.until import PATIENCE_S
from ops_console.app import run
from ops_console.settings import OpsConsoleSettings

pytestmark = pytest.mark.real
ONCALL = "astreinte@mairie.example"


@dataclass
class Mailbox:
    """An SMTP server that takes every mail, once it is asked to."""

    mails: list[str] = field(default_factory=list)
    refusals: int = 0

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.refusals:
            self.refusals -= 1
            return "451 4.3.0 later"
        self.mails.append(envelope.content.decode())
        return "250 2.0.0 ok"


@dataclass
class Shown:
    """A running console."""

    url: str
    http: httpx.AsyncClient
    health_url: str

    async def overview(self) -> dict[str, Any]:
        answer = await self.http.get("/api/overview")
        found: dict[str, Any] = answer.json()
        return found if answer.status_code == 200 else {"topics": [], "alarms": [], "cleared": []}

    async def topic(self, name: str) -> dict[str, Any]:
        return next((each for each in (await self.overview())["topics"] if each["topic"] == name), {"groups": []})

    async def lag(self, name: str) -> dict[str, Any]:
        found = (await self.topic(name))["groups"]
        return found[0] if found else {"lag_records": None, "oldest_unhandled_s": None}

    async def metric(self, name: str, **labels: str) -> float | None:
        text = (await self.http.get(f"{self.health_url}/metrics")).text
        for line in text.splitlines():
            if line.startswith(f"{name}{{") and all(f'{label}="{value}"' in line for label, value in labels.items()):
                return float(line.rpartition(" ")[2])
        return None


async def eventually(what: Callable[[], Awaitable[Any]], within_s: float = PATIENCE_S) -> Any:
    """Ask until the answer is true; fail with the last one."""
    found = None
    with suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            while not (found := await what()):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
            return found
    pytest.fail(f"not within {within_s} s; last: {found!r}")


@pytest.fixture
def kafka(kafka_server: KafkaServer) -> KafkaSettings:
    return KafkaSettings(kafka_bootstrap_servers=kafka_server.bootstrap_servers)


@pytest.fixture
def group() -> str:
    return f"worker-{secrets.token_hex(4)}"


@pytest.fixture
async def topic(kafka: KafkaSettings, group: str) -> Topic[Any]:
    topic = a_topic(group, partitions=3)
    await create_topics(kafka, topics=[topic])
    return topic


@pytest.fixture
def oncall() -> Iterator[tuple[Mailbox, int]]:
    [port] = free_ports(1)
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield mailbox, port
    controller.stop()


@pytest.fixture
async def console(kafka: KafkaSettings, topic: Topic[Any], oncall: tuple[Mailbox, int]) -> AsyncIterator[Shown]:
    port, health_port = free_ports(2)
    settings = OpsConsoleSettings(
        kafka=kafka,
        http=HttpSettings(http_port=port, health_port=health_port),
        town=EXAMPLE_TOWN,
        oncall_email=ONCALL,
        smtp_host="127.0.0.1",
        smtp_port=oncall[1],
        smtp_security="none",
        ops_url=AnyHttpUrl(f"http://127.0.0.1:{port}"),
        ops_sample_every=timedelta(seconds=1),
    )
    running = asyncio.create_task(run(settings, [topic]))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
        shown = Shown(f"http://127.0.0.1:{port}", http, f"http://127.0.0.1:{health_port}")

        async def looks() -> bool:
            if running.done():
                running.result()
            with suppress(httpx.HTTPError):
                return bool((await shown.overview())["topics"])
            return False

        await eventually(looks, 20)
        yield shown
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def publish(kafka: KafkaSettings, topic: Topic[Any], count: int) -> None:
    async with KafkaPublisher(kafka, client_id="tester") as publisher:
        knocks = [a_knock(f"{secrets.token_hex(4)}-{nth}", door=str(nth % 7)) for nth in range(count)]
        await publisher.publish(*(Publication(topic, knock) for knock in knocks))


async def handle_everything(kafka: KafkaSettings, topic: Topic[Any], group: str) -> None:
    """Stand where a worker stands that has handled all there is, and stop."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka.kafka_bootstrap_servers, group_id=group, enable_auto_commit=False
    )
    await consumer.start()
    try:
        places = [TopicPartition(topic.name, partition) for partition in range(topic.partitions)]
        consumer.assign(places)
        await consumer.commit(await consumer.end_offsets(places))
    finally:
        await consumer.stop()


async def output_of(*command: str) -> str:
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output, _ = await process.communicate()
    return output.decode()


async def test_what_a_stopped_group_leaves_shows_everywhere_and_as_kafka_says(
    kafka: KafkaSettings,
    kafka_installation: KafkaInstallation,
    topic: Topic[Any],
    group: str,
    console: Shown,
) -> None:
    await publish(kafka, topic, 7)
    await handle_everything(kafka, topic, group)
    await publish(kafka, topic, 50)

    async def lag_is_50() -> bool:
        found = await console.lag(topic.name)
        return found["lag_records"] == 50 and found["oldest_unhandled_s"] is not None

    await eventually(lag_is_50)
    young = (await console.lag(topic.name))["oldest_unhandled_s"]

    async def is_older() -> bool:
        return float((await console.lag(topic.name))["oldest_unhandled_s"]) >= young + 1

    await eventually(is_older)
    assert (await console.topic(topic.name))["records_in"] == 57
    labels = {"group": group, "topic": topic.name}
    assert await console.metric("guichet_lag_records", **labels) == 50
    assert (await console.metric("guichet_oldest_unhandled_seconds", **labels) or 0) > young
    assert await console.metric("guichet_topic_records_in", topic=topic.name) == 57

    top = await output_of(sys.executable, "-m", "guichet_cli", "top", "--once", "--url", console.url)
    [row] = [line for line in top.splitlines() if topic.name in line]
    assert re.search(rf"{group}\s+50\s+\d+s", row)

    report = await output_of(*describe_group_command(kafka_installation, kafka.kafka_bootstrap_servers, group))
    assert sum(lags_in(report).values()) == 50, report

    await handle_everything(kafka, topic, group)

    async def lag_is_0() -> bool:
        return bool((await console.lag(topic.name))["lag_records"] == 0)

    await eventually(lag_is_0)
    assert (await console.lag(topic.name))["oldest_unhandled_s"] is None
    assert await console.metric("guichet_lag_records", **labels) == 0


async def test_a_dead_letter_shows_with_its_reason_and_is_announced_once(
    kafka: KafkaSettings, topic: Topic[Any], group: str, console: Shown, oncall: tuple[Mailbox, int]
) -> None:
    mailbox, _ = oncall
    mailbox.refusals = 1  # the notice is tried again
    vault = InMemoryVault()
    async with DeadLetters(kafka, vault, service="worker", now=SystemClock().now) as letters:
        await letters.publish(a_raw_record(4, topic=topic.name), group, Cause("unreadable"))

    async def shows() -> bool:
        found = (await console.topic(topic.name))["dead_letters"]
        return [(each["group"], each["reason"], each["count"]) for each in found] == [(group, "unreadable", 1)]

    await eventually(shows)
    assert await console.metric("guichet_open_dead_letters", topic=topic.name, group=group, reason="unreadable") == 1
    cause = f"{group}:{topic.name}:unreadable"
    assert [(each["alarm"], each["cause"]) for each in (await console.overview())["alarms"]] == [("dead-letter", cause)]
    page = (await console.http.get("/")).text
    assert "1 alerte" in page
    assert "/consignes#alarm-dead-letter" in page

    async def is_told() -> bool:
        return [each["told"] for each in (await console.overview())["alarms"]] == [["mail"]]

    await eventually(is_told)
    await asyncio.sleep(3)  # three more rounds: still once
    assert len(mailbox.mails) == 1
    assert "Auto-Submitted: auto-generated" in mailbox.mails[0]

    async with DeadLetterIndex(kafka, [topic]) as index, operators_producer(kafka) as producer:
        [indexed] = (await index.letters()).values()
        await close(indexed.letter, "dropped", producer, by="operator", at=datetime.now(UTC))  # type: ignore[arg-type]

    async def is_cleared() -> bool:
        overview = await console.overview()
        return not overview["alarms"] and [each["cause"] for each in overview["cleared"]] == [cause]

    await eventually(is_cleared)
    assert len(mailbox.mails) == 1
