"""CPU that the parts of a stack spend: it holds on a busy machine too, where seconds do not."""

import psutil

from guichet_local.stack import LocalStack


def seconds_of_each(stack: LocalStack) -> dict[str, float]:
    """Return what each part that runs has spent since it started."""
    return {state.name: _seconds(psutil.Process(state.pid)) for state in stack.supervisor.states() if state.runs}


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
