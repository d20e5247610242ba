"""CPU that parts of a stack, and processes of our own that end, spend during a block."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

from guichet_local.stack import LocalStack


@dataclass
class CpuSpent:
    """seconds: 0 until the block has ended."""

    seconds: float = 0.0


@contextmanager
def cpu_of(stack: LocalStack, *parts: str) -> Iterator[CpuSpent]:
    """Add up what these parts spend, some of which may start within the block, and our own children that end in it."""
    spent, before, children = CpuSpent(), _of_parts(stack, parts), _of_children()
    yield spent
    spent.seconds = _of_parts(stack, parts) - before + _of_children() - children


def seconds_of_each(stack: LocalStack) -> dict[str, float]:
    """Return what each part that runs has spent since it started."""
    return {state.name: _seconds(psutil.Process(state.pid)) for state in stack.supervisor.states() if state.runs}


def _of_parts(stack: LocalStack, parts: tuple[str, ...]) -> float:
    return sum(spent for name, spent in seconds_of_each(stack).items() if name in parts)


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
