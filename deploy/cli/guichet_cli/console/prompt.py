"""Ask whoever types a command, from within its loop, so that their first Ctrl-C ends it.

asyncio answers a first SIGINT by cancelling the task, which notices at its next await; a question awaits nothing.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import typer


def prompt(text: str, **how: object) -> str:
    """Ask as `typer.prompt` does. Raises click's Abort on Ctrl-C."""
    with _interrupted_at_once():
        return str(typer.prompt(text, **how))  # type: ignore[arg-type]


def confirm(text: str, *, abort: bool = False) -> bool:
    """Ask as `typer.confirm` does. Raises click's Abort on Ctrl-C, and where `abort` a no is one."""
    with _interrupted_at_once():
        return typer.confirm(text, abort=abort)


@contextmanager
def _interrupted_at_once() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield  # no signal comes there
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
