"""Run a group's commands, each to its end; what an operator can mend is told in a sentence, not in a traceback."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import typer

from guichet.errors import GuichetError

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
