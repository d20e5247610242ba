"""What a thing costs each process, in CPU time: it holds on a busy machine too, where seconds do not."""

from collections.abc import Sequence
from types import TracebackType
from typing import Final, Self

import psutil

from guichet_bench.rows import Row
from guichet_local.stack import LocalStack

MICROSECONDS: Final = 1e6


class CpuMeter:
    """Reads the CPU time of some parts of a stack around each `with` block. A block is a round."""

    def __init__(self, stack: LocalStack, parts: Sequence[str]) -> None:
        pids = {state.name: state.pid for state in stack.supervisor.states()}
        self._processes = {part: psutil.Process(pids[part]) for part in parts}
        self._seconds: dict[str, list[float]] = {part: [] for part in parts}

    def __enter__(self) -> Self:
        self._before = {part: _seconds(process) for part, process in self._processes.items()}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for part, process in self._processes.items():
            self._seconds[part].append(_seconds(process) - self._before[part])

    def rows(self, things: int, each: str) -> list[Row]:
        """Return a row per part. things: how many a round had; each: "a mail"."""
        return [
            Row(f"CPU of {part}", tuple(spent / things * MICROSECONDS for spent in seconds), f"µs {each}")
            for part, seconds in self._seconds.items()
        ]


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
