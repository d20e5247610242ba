"""Mails a second from the mail server's hands to the last case in the store."""

import asyncio
import time
from itertools import count
from typing import Final

from guichet_bench.benchmark import Benchmark, Workbench
from guichet_bench.cases import CaseCount, counted_cases
from guichet_bench.cpu import CpuMeter
from guichet_bench.payloads.mail_payloads import mails
from guichet_bench.rows import Row, at_least
from guichet_bench.wires.lmtp_wire import LMTP
from guichet_bench.wires.load import do_all
from guichet_local.stack import LocalStack
from guichet_testing.town.services import only

MAILS: Final = 3_000
CONNECTIONS: Final = 32
MAILBOX: Final = "voirie@mairie.example"
NEEDED: Final = only("ingest-email", "case-router")
FILED_WITHIN_S: Final = 120.0


async def measure_mail(bench: Workbench) -> list[Row]:
    """Hand over new mails, wait for the last case, several times."""
    with bench.stack(services=NEEDED) as stack, counted_cases(stack) as cases:
        meter = CpuMeter(stack, ("ingest-email", "case-router", "kafka", "mongodb"))
        turns = count()
        await _round(stack, cases, next(turns))  # warms everything up
        accepted, visible = [], []
        for number in range(bench.rounds):
            with meter:
                taken = await _round(stack, cases, next(turns))
            accepted.append(MAILS / taken[0])
            visible.append(MAILS / taken[1])
            bench.say(
                f"round {number + 1} of {bench.rounds}: {accepted[-1]:,.0f}/s accepted, {visible[-1]:,.0f}/s visible"
            )
    return [
        Row("mails, accepted and their cases visible", tuple(visible), "/s", at_least(2_000)),
        Row("mails, accepted (250)", tuple(accepted), "/s"),
        *meter.rows(MAILS, "a mail"),
    ]


async def _round(stack: LocalStack, cases: CaseCount, turn: int) -> tuple[float, float]:
    """Return the seconds until the last mail was accepted, and until the last case was there."""
    exchanges = list(mails(range(turn * MAILS, (turn + 1) * MAILS), MAILBOX))
    expected = cases.now() + MAILS
    begun = time.perf_counter()
    await do_all(LMTP, stack.ports["ingest-email-lmtp"], exchanges, CONNECTIONS)
    accepted = time.perf_counter() - begun
    await asyncio.wait_for(cases.reach(expected), FILED_WITHIN_S)
    return accepted, time.perf_counter() - begun


MAIL: Final = Benchmark(
    name="mail",
    title="Mail, from LMTP to the case",
    reading=(
        "New mails of as many new citizens, handed over by LMTP on 32 connections that are kept, until the last case is in "
        "MongoDB: one process of ingest-email and one of case-router, Kafka, mongod and the sender all share the machine. "
        "The rows of CPU say what a mail costs each of them; cores × 1,000,000 ÷ their sum is the most there can be."
    ),
    run=measure_mail,
)
