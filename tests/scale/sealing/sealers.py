"""Several processes that seal a town's cases in bulk, each a range of them."""

import asyncio
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Final

from guichet_local.machine.paths import REPOSITORY
from guichet_local.stack import LocalStack
from tests.scale.sealing.years import AT_ONCE

Say = Callable[[str], None]
SAID_EVERY_S: Final = 10.0
_PART: Final = re.compile(rb"(\d+) (\d+\.\d+)")


class SealerFailedError(Exception):
    """A process ended with an error, which it has shown."""


@dataclass(frozen=True)
class Sealed:
    """What it took. cpu: of the processes, their start not counted."""

    seconds: float
    cpu: float


async def seal_all(stack: LocalStack, cases: int, say: Say) -> Sealed:
    """Store so many cases with all that belongs to them. Raises SealerFailedError."""
    began, now = monotonic(), datetime.now(UTC).replace(microsecond=0)
    processes = min((os.cpu_count() or 1) + 1, -(-cases // AT_ONCE))  # one of them waits for MongoDB
    share = -(-cases // processes // AT_ONCE) * AT_ONCE
    count = _Count(cases, say)
    ranges = [(start, min(start + share, cases)) for start in range(0, cases, share)]
    await asyncio.gather(*(_run(stack, cases, *each, now, count) for each in ranges))
    return Sealed(monotonic() - began, count.cpu)


async def _run(stack: LocalStack, cases: int, first: int, end: int, now: datetime, count: "_Count") -> None:
    paths = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "tests" / "benchmarks")])
    environment = {**stack.environment_of("guichet", "demo"), "PYTHONPATH": paths}
    words = ("-m", "tests.scale.sealing", str(cases), str(first), str(end), now.isoformat())
    process = await asyncio.create_subprocess_exec(
        sys.executable, *words, env=environment, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async for line in process.stdout:
            if told := _PART.fullmatch(line.strip()):  # the others are its log
                count.add(int(told[1]), float(told[2]))
    finally:
        if process.returncode is None:
            await process.wait()
    if process.returncode:
        raise SealerFailedError(f"cases {first} to {end}: status {process.returncode}")


class _Count:
    """How many are stored, said now and then."""

    def __init__(self, cases: int, say: Say) -> None:
        self._cases, self._say = cases, say
        self._stored, self._began = 0, monotonic()
        self.cpu = 0.0
        self._said_at = self._began

    def add(self, stored: int, cpu: float) -> None:
        self._stored += stored
        self.cpu += cpu
        now = monotonic()
        if now - self._said_at >= SAID_EVERY_S:
            self._said_at = now
            rate = self._stored / (now - self._began)
            left = (self._cases - self._stored) / rate
            self._say(f"  {self._stored:,} of {self._cases:,} cases, {rate:,.0f} a second, {left:,.0f} s left")
