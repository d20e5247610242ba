"""While `make run` is in the foreground: say what dies and what comes back."""

import time
from collections.abc import Iterable, Iterator

from guichet_local.machine.report import Report
from guichet_local.processes.supervisor import ProcessState, Supervisor

NOT_BY_ITSELF = 75  # see supervisor_config.NOT_RESTARTED


def watch(supervisor: Supervisor, say: Report) -> None:
    """Return when the supervisor is gone, stopped from elsewhere."""
    before = supervisor.states()
    while True:
        time.sleep(1.0)
        if not supervisor.is_running:
            return
        after = supervisor.states()
        for change in changes(before, after):
            say(change)
        before = after


def changes(before: Iterable[ProcessState], after: Iterable[ProcessState]) -> Iterator[str]:
    """A sentence for each process that ended or was started again between two looks. Pure."""
    earlier = {state.name: state for state in before}
    for state in after:
        known = earlier.get(state.name)
        if known is None or known.pid == state.pid:
            continue
        if state.runs:
            yield f"{state.name} was started again. Its log says why."
        elif state.exit_status == NOT_BY_ITSELF:
            yield f"{state.name} stopped itself and waits for a person (status 75). Its log says what to do."
        else:
            yield f"{state.name} ended (status {state.exit_status})."
