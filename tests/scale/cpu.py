"""CPU that the parts of a stack spend: it holds on a busy machine too, where seconds do not."""

from typing import Final

import psutil

from guichet_bench.rows import Row
from guichet_local.stack import LocalStack

MILLION: Final = 1_000_000


def seconds_of_each(stack: LocalStack) -> dict[str, float]:
    """Return what each part that runs has spent since it started."""
    return {state.name: _seconds(psutil.Process(state.pid)) for state in stack.supervisor.states() if state.runs}


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def cpu_rows(cpu: float, cases: int, whose: str) -> list[Row]:
    """What holds on a busy machine too. cpu: seconds that so many cases took."""
    spent = cpu / cases
    return [
        Row(f"CPU of {whose}, a case", (spent * 1000,), "ms"),
        Row("a million cases with two cores that do nothing else", (spent * MILLION / 2 / 60,), "min"),
    ]
