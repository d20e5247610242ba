"""Resident memory of every service."""

import asyncio
from typing import Final

import psutil

from guichet_bench.benchmark import Benchmark, Workbench
from guichet_bench.cases import counted_cases
from guichet_bench.payloads.mail_payloads import mails
from guichet_bench.payloads.payloads import sms_requests, telegram_requests
from guichet_bench.rows import Row, at_most
from guichet_bench.wires.http_wire import HTTP, get
from guichet_bench.wires.lmtp_wire import LMTP
from guichet_bench.wires.load import do_all
from guichet_local.plan.ports import KAFKA, MONGODB
from guichet_local.stack import LocalStack

MIB: Final = 2**20
NOT_SERVICES: Final = {KAFKA, MONGODB, "citizen-sandbox"}
MESSAGES: Final = 1_500  # through each of three channels
PAGES: Final = 300
MAILBOX: Final = "voirie@mairie.example"


async def measure_memory(bench: Workbench) -> list[Row]:
    """Start everything, put load on it, weigh each service."""
    with bench.stack() as stack:
        await put_load_on(stack)
        resident, proportional = weigh(stack, "rss"), weigh(stack, "pss")
    heaviest = max(resident.values())
    return [
        Row("the heaviest service", (heaviest,), "MiB", at_most(100)),
        *(Row(name, (weight,), "MiB", at_most(100)) for name, weight in resident.items()),
        Row("all services, what they share counted once", (sum(proportional.values()),), "MiB"),
    ]


async def put_load_on(stack: LocalStack) -> None:
    """Send messages through every channel, ask for pages, and wait until every message is in a case."""
    numbers, ports = range(MESSAGES), stack.ports
    await do_all(HTTP, ports["ingest-sms"], sms_requests(numbers, stack.environment_of("ingest-sms")))
    await do_all(HTTP, ports["ingest-social"], telegram_requests(numbers, stack.environment_of("ingest-social")))
    await do_all(LMTP, ports["ingest-email-lmtp"], mails(numbers, MAILBOX))
    for service, page in {"citizen-portal": "/", "agent-desk": "/connexion", "ops-console": "/"}.items():
        await do_all(HTTP, ports[service], [get(page)] * PAGES, connections=8)
    with counted_cases(stack) as cases:
        await asyncio.wait_for(cases.reach(3 * MESSAGES), 120)


def weigh(stack: LocalStack, kind: str) -> dict[str, float]:
    """Return the MiB of each service. kind: "rss", or "pss", where shared pages are split among those who share them."""
    states = [state for state in stack.supervisor.states() if state.name not in NOT_SERVICES]
    return {state.name: getattr(psutil.Process(state.pid).memory_full_info(), kind) / MIB for state in states}


MEMORY: Final = Benchmark(
    name="memory",
    title="Memory of a service",
    reading=(
        f"Resident set of each service's one process, libraries that they share included in each, after {MESSAGES:,} messages "
        "through each of mail, SMS and Telegram as fast as they are taken, and a few hundred pages."
    ),
    run=measure_memory,
)
