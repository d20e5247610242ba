"""`python -m guichet_local run|status|stop|reset|fetch|clock|guichet`: what the Makefile calls."""

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from guichet_local.commands.clock import move_the_clock
from guichet_local.commands.guichet import become_guichet, command_environment
from guichet_local.commands.reset import QUESTION, is_confirmed, reset
from guichet_local.commands.run import run, run_servers
from guichet_local.commands.status import NOT_RUNNING, read_status
from guichet_local.commands.terminal import Terminal
from guichet_local.errors import LocalStackError, NotRunningError
from guichet_local.kafka.aot_cache import make_aot_cache
from guichet_local.kafka.installation import install_kafka
from guichet_local.kafka.tools import fetch_tools
from guichet_local.machine.disk import is_disk_full
from guichet_local.machine.paths import CACHE, LOCAL
from guichet_local.mongod.binary import find_mongod
from guichet_local.plan.ports import fixed_plan
from guichet_local.plan.preparation import preparation_of, servers_alone
from guichet_local.plan.town import accounts_of
from guichet_local.processes.supervisor import supervisor_of
from guichet_local.stack import LocalStack


def start(terminal: Terminal) -> None:
    """Start the stack on the documented addresses, or its servers alone (RUN=servers)."""
    settings = settings_of(os.environ)
    ports = fixed_plan(os.environ, accounts_of(settings))
    make = partial(LocalStack, LOCAL, ports=ports, settings=settings, say=terminal.step)
    if os.environ.get("RUN") == "servers":
        run_servers(make(services=(), preparation=servers_alone(settings)), terminal)
    else:
        run(make(preparation=preparation_of(settings)), terminal, detached=os.environ.get("RUN") == "detached")


def status(terminal: Terminal) -> None:
    """Show how each part is."""
    try:
        terminal.parts(read_status(LOCAL, supervisor_of(LOCAL)), LOCAL / "logs")
    except NotRunningError as answer:
        terminal.line(str(answer))


def stop(terminal: Terminal) -> None:
    """Stop the stack, wherever it was started."""
    supervisor = supervisor_of(LOCAL)
    if not supervisor.is_running:
        terminal.line(NOT_RUNNING)
        return
    supervisor.stop_everything()
    terminal.stopped(LOCAL)


def ask_and_reset(terminal: Terminal) -> None:
    """Delete the data, if the person says yes."""
    terminal.line(QUESTION.format(folder=LOCAL))
    if not is_confirmed(sys.stdin.readline()):
        terminal.line("Nothing was deleted.")
        return
    reset(LOCAL, supervisor_of(LOCAL))
    terminal.line("Deleted. The next `make run` starts anew.")


def fetch(terminal: Terminal) -> None:
    """Fill the cache and check the machine, so that tests need not wait for it."""
    installation = install_kafka(CACHE, terminal.step)
    make_aot_cache(installation, terminal.step)
    fetch_tools(installation.folder)
    find_mongod()


def settings_of(environment: Mapping[str, str]) -> dict[str, str]:
    """What the user set of Guichet's own variables; GUICHET_LOCAL_… is for the stack itself."""
    return {
        name: value
        for name, value in environment.items()
        if name.startswith("GUICHET_") and not name.startswith("GUICHET_LOCAL_")
    }


COMMANDS: Final[Mapping[str, Callable[[Terminal], None]]] = {
    "run": start,
    "status": status,
    "stop": stop,
    "reset": ask_and_reset,
    "fetch": fetch,
}


def main() -> int:
    """Return 0, or 1 after an error that was explained, or 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(prog="guichet_local", description="The local stack of Guichet.")
    parser.add_argument(
        "command", choices=[*COMMANDS, "clock", "guichet"], help="run, status, stop and reset are also make's targets"
    )
    parser.add_argument(
        "arguments",
        nargs=argparse.REMAINDER,
        help="of the guichet command; of the clock: +3d, -1h, +90m, +5s, real (the machine's), none (tells how far)",
    )
    asked = parser.parse_args()
    terminal = Terminal()
    try:
        if asked.command == "guichet":
            settings = settings_of(os.environ)
            become_guichet(asked.arguments, command_environment(LOCAL, os.environ, settings, asked.arguments))
        if asked.command == "clock":
            move_the_clock(terminal, LOCAL, asked.arguments)
        else:
            COMMANDS[asked.command](terminal)
    except LocalStackError as exc:
        terminal.error(str(exc))
        return 1
    except OSError as exc:
        if not is_disk_full(exc):
            raise
        terminal.error("The disk is full: make room, then run the same command again. Nothing was lost.")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
