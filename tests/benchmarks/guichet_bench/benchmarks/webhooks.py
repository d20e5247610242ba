"""Webhook requests a second, beside those of a bare endpoint."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Final

from guichet.runtime.settings import KafkaSettings
from guichet_bench.benchmark import Benchmark, Measure, Workbench, interleaved
from guichet_bench.payloads.payloads import FORM, sms_requests, telegram_requests
from guichet_bench.rows import Row, at_least
from guichet_bench.wires.http_wire import HTTP, body_of, post
from guichet_bench.wires.load import Exchange, exchanges_per_second
from guichet_local.machine.ports import answers, free_ports
from guichet_local.machine.process import ServerProcess, wait_until
from guichet_local.stack import LocalStack
from guichet_testing.town.services import only

REQUESTS: Final = 2_500
NEEDED: Final = only("ingest-sms", "ingest-social")
BARE_TOPIC: Final = "inbound-portal"  # as many partitions, and nobody reads it here
NO_CATCHING_UP: Final = {"GUICHET_TWILIO_CATCH_UP_EVERY": "PT1H"}

MakeRequests = Callable[[range], Iterator[Exchange]]


async def measure_webhooks(bench: Workbench) -> list[Row]:
    """Post to both adapters and to the bare endpoint in turn."""
    with bench.stack(NO_CATCHING_UP, services=NEEDED) as stack, bare_endpoint(stack) as bare_port:
        sms, social = stack.environment_of("ingest-sms"), stack.environment_of("ingest-social")
        measures = {
            "bare endpoint": posting(bare_port, lambda numbers: (as_bare(each) for each in sms_requests(numbers, sms))),
            "ingest-sms": posting(stack.ports["ingest-sms"], lambda numbers: sms_requests(numbers, sms)),
            "ingest-social": posting(stack.ports["ingest-social"], lambda numbers: telegram_requests(numbers, social)),
        }
        for warm_up in measures.values():
            await warm_up()
        rates = await interleaved(bench, measures)
    bare = rates["bare endpoint"]
    return [
        Row.ratio("ingest-sms ÷ bare endpoint", rates["ingest-sms"], bare, at_least(0.8)),
        Row.ratio("ingest-social ÷ bare endpoint", rates["ingest-social"], bare, at_least(0.8)),
        *(Row(name, tuple(values), "/s") for name, values in rates.items()),
    ]


def posting(port: int, make_requests: MakeRequests) -> Measure:
    """Return a measure that posts new messages each time. They are made before the clock runs."""
    turns = count()

    async def measure() -> float:
        first = next(turns) * REQUESTS
        return await exchanges_per_second(HTTP, port, list(make_requests(range(first, first + REQUESTS))))

    return measure


def variables_of(kafka: KafkaSettings) -> dict[str, str]:
    """Return the environment that is read as these settings."""
    assert kafka.kafka_password is not None
    said = kafka.model_dump(include={"kafka_bootstrap_servers", "kafka_security", "kafka_username", "kafka_mechanism"})
    said |= {"kafka_password": kafka.kafka_password.get_secret_value()}
    return {f"GUICHET_{name.upper()}": value for name, value in said.items()}


def as_bare(request: tuple[bytes]) -> Exchange:
    """Return a POST to the bare endpoint, with the same body."""
    return post("/", body_of(request), FORM)


@contextmanager
def bare_endpoint(stack: LocalStack) -> Iterator[int]:
    """Run the bare endpoint on the stack's broker; yield its port."""
    [port] = free_ports(1)
    command = [sys.executable, "-m", "guichet_bench.wires.bare_endpoint", str(port), BARE_TOPIC]
    environment = {**os.environ, **variables_of(stack.kafka_admin)}  # no service may write there
    process = ServerProcess("the bare endpoint", command, stack.folder / "logs" / "bare-endpoint.log", environment)
    process.start()
    try:
        wait_until(lambda: answers(port), "the bare endpoint answers", check=process.raise_if_ended)
        yield port
    finally:
        process.stop()


WEBHOOKS: Final = Benchmark(
    name="webhooks",
    title="Webhooks",
    reading=(
        "Requests that an adapter accepts a second, each signed, read, sealed under a key of its own and confirmed by "
        "the broker (acks=all), beside those that FastAPI and aiokafka do when the body goes onto a topic as it came. "
        "32 connections; 1.00 would mean that checking, sealing, logging and tracing cost nothing."
    ),
    run=measure_webhooks,
)
