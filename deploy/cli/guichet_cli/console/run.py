"""Run one command to its end; what an operator can mend is told in a sentence, not in a traceback."""

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
