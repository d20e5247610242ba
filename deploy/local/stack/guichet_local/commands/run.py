"""`make run`: start, show what there is, stay until Ctrl-C and say meanwhile what dies and what comes back."""

import signal
import time
from collections.abc import Iterable, Iterator

from guichet_local.commands.terminal import READY, SERVERS_READY, Terminal
from guichet_local.machine.report import Report
from guichet_local.processes.supervisor import ProcessState, Supervisor
from guichet_local.stack import LocalStack


def run(stack: LocalStack, terminal: Terminal, *, detached: bool) -> None:
    """Start the stack, show addresses and agents, say that it is ready; then stay, unless detached."""
    end_on_signals()
    stack.up(detached=detached)
    try:
        terminal.addresses(stack.addresses, stack.titles)
        terminal.agents(stack.folder / "secrets" / "agents.txt")
        terminal.line(READY)
        if not detached:
            watch(stack.supervisor, terminal.line)
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not leave half of it running
        terminal.line("Stopping …")
    finally:
        if not detached:
            stack.down()
            terminal.stopped(stack.folder)


def run_servers(stack: LocalStack, terminal: Terminal) -> None:
    """Start a stack that has no services, and leave it running: for commands that want every service stopped."""
    stack.up(detached=True)
    terminal.line(SERVERS_READY)


def end_on_signals() -> None:
    """Make a closed terminal and a plain `kill` end the stack as Ctrl-C does.

    Ctrl-C itself too: a shell starts its background jobs deaf to it, and Python then leaves it so.
    """
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.default_int_handler)


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
