"""Seconds of a warm `make run`."""

import asyncio
import sys
import time
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from guichet_bench.benchmark import Benchmark, Workbench
from guichet_bench.rows import Row, at_most

MOST_ROUNDS: Final = 3  # each starts and stops thirteen processes


class NotStartedError(Exception):
    """The stack did not start; its own words are above."""


async def measure_start(bench: Workbench) -> list[Row]:
    """Start once on an empty folder, then again on what is there."""
    folder = Path(mkdtemp(dir=bench.folder))
    bench.say(f"first start {await seconds_to_ready(folder):.1f} s")
    warm = []
    for number in range(min(bench.rounds, MOST_ROUNDS)):
        warm.append(await seconds_to_ready(folder))
        bench.say(f"warm start {number + 1}: {warm[-1]:.1f} s")
    return [Row("make run, from the command to “Guichet is ready”", tuple(warm), "s", at_most(20))]


async def seconds_to_ready(folder: Path) -> float:
    """Return the seconds from the command to its word that all is ready; when this returns all has stopped again."""
    begun = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "guichet_bench.warm_start", str(folder), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    said = await process.stdout.readline()
    seconds = time.perf_counter() - begun
    if await process.wait() or not said:
        raise NotStartedError
    return seconds


START: Final = Benchmark(
    name="start",
    title="Start",
    reading=(
        "A second and later `make run`, everything fetched and the data folder there: Kafka, MongoDB, eleven services, each ready "
        "by its own health page."
    ),
    run=measure_start,
)
