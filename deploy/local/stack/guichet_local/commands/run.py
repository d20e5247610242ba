"""`make run`: start, show what there is, stay until Ctrl-C."""

import signal

from guichet_local.commands.terminal import READY, SERVERS_READY, Terminal
from guichet_local.commands.watch import watch
from guichet_local.stack import LocalStack


def run(stack: LocalStack, terminal: Terminal, *, detached: bool) -> None:
    """Start the stack, show addresses and agents, say that it is ready; then stay, unless detached."""
    end_on_signals()
    stack.up(detached=detached)
    try:
        terminal.addresses(stack.addresses)
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
