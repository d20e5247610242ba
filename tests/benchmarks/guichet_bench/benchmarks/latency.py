"""From "accepted" to the receipt in the provider's hands, in Kafka round trips."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from typing import Final

from guichet_bench.benchmark import Benchmark, Workbench
from guichet_bench.payloads.payloads import phone_of, sms_requests
from guichet_bench.rows import Row, at_most, percentile
from guichet_bench.wires.beat import at_rate
from guichet_bench.wires.http_wire import HTTP, is_complete
from guichet_bench.wires.load import UnexpectedAnswerError
from guichet_bench.wires.round_trip import make_topic, round_trips
from guichet_bench.wires.silent_provider import SilentProvider
from guichet_local.machine.ports import free_ports
from guichet_local.stack import LocalStack
from guichet_testing.town.services import only

PER_SECOND: Final = 100
MESSAGES: Final = 800
SENT_WITHIN_S: Final = 60.0
CONNECTIONS: Final = 16
NEEDED: Final = only("ingest-sms", "case-router", "notifier")
SHARES: Final = {"p50": 0.5, "p99": 0.99}


async def measure_latency(bench: Workbench) -> list[Row]:
    """Measure round trips and receipts in turn."""
    [port] = free_ports(1)
    settings = {
        "GUICHET_TWILIO_API_URL": f"http://127.0.0.1:{port}",
        "GUICHET_TWILIO_CATCH_UP_EVERY": "PT1H",
        "GUICHET_NOTIFIER_SMS_PER_SECOND": "1000",
    }
    with bench.stack(settings, services=NEEDED) as stack:
        provider, turns = SilentProvider(), count()
        await make_topic(stack.kafka_admin)
        async with provider.serving(port):
            await receipts(stack, provider, next(turns))  # warms everything up
            trips, sent = [], []
            for number in range(bench.rounds):
                trips.append(await round_trips(stack.kafka_admin, per_second=PER_SECOND, records=MESSAGES // 2))
                sent.append(await receipts(stack, provider, next(turns)))
                bench.say(
                    f"round {number + 1} of {bench.rounds}: round trip {_said(trips[-1])}, receipt {_said(sent[-1])}"
                )
    return rows(trips, sent)


def rows(trips: Sequence[Sequence[float]], receipts: Sequence[Sequence[float]]) -> list[Row]:
    """Return the multiples, and what they are made of. One list of seconds a round."""
    table = []
    for name, share in SHARES.items():
        trip, receipt = ([percentile(round_, share) for round_ in rounds] for rounds in (trips, receipts))
        table.append(Row.ratio(f"receipt ÷ round trip, {name}", receipt, trip, at_most(6)))
        table.append(Row(f"receipt, {name}", tuple(1000 * each for each in receipt), "ms"))
        table.append(Row(f"round trip, {name}", tuple(1000 * each for each in trip), "ms"))
    return sorted(table, key=lambda row: row.aim is None)


async def receipts(stack: LocalStack, provider: SilentProvider, turn: int) -> list[float]:
    """Send messages of new citizens at the rate; return the seconds from each 200 to its receipt at the provider."""
    numbers = range(turn * MESSAGES, (turn + 1) * MESSAGES)
    requests = list(zip(numbers, sms_requests(numbers, stack.environment_of("ingest-sms")), strict=True))
    accepted: dict[str, float] = {}
    async with _connections(stack.ports["ingest-sms"]) as free:

        async def post(numbered: tuple[int, tuple[bytes]]) -> None:
            number, (request,) = numbered
            reader, writer = await free.get()
            writer.write(request)
            await _accepted(reader)
            accepted[phone_of(number)] = time.perf_counter()
            free.put_nowait((reader, writer))

        await at_rate(PER_SECOND, requests, post)
        async with asyncio.timeout(SENT_WITHIN_S):
            while not accepted.keys() <= provider.came.keys():  # noqa: ASYNC110  another process sends them
                await asyncio.sleep(0.05)
    return [provider.came[phone] - at for phone, at in accepted.items()]


async def _accepted(reader: asyncio.StreamReader) -> None:
    """Return once a whole answer is there. Raises UnexpectedAnswerError."""
    answer = b""
    while not is_complete(answer):
        more = await reader.read(65_536)
        if not more:
            raise UnexpectedAnswerError("the connection was closed")
        answer += more
    if not HTTP.is_good(answer):
        raise UnexpectedAnswerError(answer[:100].decode(errors="replace"))


Connections = asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]]


@asynccontextmanager
async def _connections(port: int) -> AsyncIterator[Connections]:
    """Yield connections to take and give back."""
    opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(CONNECTIONS)]
    free: Connections = asyncio.Queue()
    for each in opened:
        free.put_nowait(each)
    try:
        yield free
    finally:
        for _, writer in opened:
            writer.close()


def _said(seconds: Sequence[float]) -> str:
    return " / ".join(f"{name} {1000 * percentile(seconds, share):.1f} ms" for name, share in SHARES.items())


LATENCY: Final = Benchmark(
    name="latency",
    title="From accepted to the receipt",
    reading=(
        "100 SMS a second of new citizens: from the moment that Twilio is answered 200 until the receipt is handed to Twilio "
        "(a stand-in that answers at once), in multiples of a Kafka round trip (produce with acks=all until consumed, "
        "100 a second) measured in turn. On the way lie two topics and the durable steps of router and notifier in MongoDB."
    ),
    run=measure_latency,
)
