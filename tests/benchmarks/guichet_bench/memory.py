"""Resident memory of every service."""

from typing import Final

import psutil

from guichet_bench.benchmark import Benchmark, Workbench
from guichet_bench.rows import Row, at_most
from guichet_local.servers import KAFKA, MONGODB
from guichet_local.stack import LocalStack

MIB: Final = 2**20
NOT_SERVICES: Final = {KAFKA, MONGODB, "citizen-sandbox"}


async def measure_memory(bench: Workbench) -> list[Row]:
    """Start everything and weigh each service."""
    with bench.stack() as stack:
        return [Row(name, (weight,), "MiB", at_most(100)) for name, weight in weigh(stack).items()]


def weigh(stack: LocalStack) -> dict[str, float]:
    """Return the MiB of each service: its own pages, and its share of those that several processes map (PSS)."""
    states = [state for state in stack.supervisor.states() if state.name not in NOT_SERVICES]
    return {state.name: psutil.Process(state.pid).memory_full_info().pss / MIB for state in states}


MEMORY: Final = Benchmark(
    name="memory",
    title="Memory of a service",
    reading="Proportional set size of each service's process, after load.",
    run=measure_memory,
)
