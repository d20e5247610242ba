"""What every command has: its group, a run to its end, who typed it, and when.

What an operator can mend is told in a sentence, not in a traceback.

Who: `$USER` and `$LOGNAME` are what anybody says they are; the uid is what the kernel let in. It is a pseudonym as
well: which person it was, the machine's own accounts say. When: the time that the services go by.
"""

import asyncio
import os
import pwd
import re
from collections.abc import Callable, Coroutine
from datetime import datetime
from functools import cache
from typing import Any, Final, TypeVar

import typer

from guichet.clock import Clock
from guichet.errors import GuichetError
from guichet.ids import AgentId
from guichet.runtime.clock import clock_of

R = TypeVar("R")


def run(act: Callable[[], Coroutine[Any, Any, R]]) -> R:
    """Run `act` in a loop of its own and return what it returns; a GuichetError ends the command with status 1."""
    try:
        return asyncio.run(act())
    except GuichetError as exc:
        typer.echo(str(exc), err=True)
        raise typer.Exit(1) from exc


def command_group(what: str) -> typer.Typer:
    """Return `guichet NAME`, whose commands are typed behind it, also where there is only one. what: its help."""
    group = typer.Typer(add_completion=False, help=what, no_args_is_help=True)
    group.callback()(lambda: None)  # else typer drops the name of a lone command
    return group


OF_THE_SYSTEM: Final = frozenset({"guichet-cli", "guichet-gdpr-worker"})  # as whom a server's commands run
_UID = re.compile(r"0|[1-9]\d*", re.ASCII)


def operator() -> AgentId:
    """Return the id of who runs this process: `uid-1000`.

    Through sudo it is who called it: SUDO_UID, believed only of root, who may pretend to be anybody anyway, and of a
    user that root alone becomes (OF_THE_SYSTEM: a server's `guichet` lays root's rights down before it does anything).
    """
    uid, called_by = os.getuid(), os.environ.get("SUDO_UID", "")
    return AgentId(f"uid-{called_by if _became(uid) and _UID.fullmatch(called_by) else uid}")


def _became(uid: int) -> bool:
    if uid == 0:
        return True
    try:
        user = pwd.getpwuid(uid)
    except KeyError:
        return False
    return user.pw_name in OF_THE_SYSTEM and user.pw_shell.endswith("nologin")


def operators_now() -> datetime:
    """Return the time, aware UTC. Raises SettingsError for a wrong GUICHET_CLOCK_FILE."""
    return commands_clock().now()


@cache  # a vault asks for each key that it remembers, and reading the settings takes a millisecond
def commands_clock() -> Clock:
    """Return the one clock of this command. Raises SettingsError."""
    return clock_of("guichet-cli")
