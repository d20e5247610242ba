"""Starts a stack, plays a run on it and ends the stack, whatever happens: nothing is left running."""

import asyncio
import os
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from guichet_testing.forks.popen import SERVER
from tests.faults.form import Form
from tests.faults.run import Run
from tests.faults.town.town import TownStack
from tests.faults.verdicts.outcome import Outcome
from tests.faults.verdicts.verdicts import Verdict


def play(folder: Path, form: Form, seed: int, say: Callable[[str], None]) -> Outcome:
    """Return what came of it; an error or the time limit is a verdict that does not hold.

    The stack ends with the thread that started it, so call this from the main thread. Ctrl-C and SIGTERM end it too.
    """
    town = TownStack.of(folder, form, say)
    others = set(psutil.Process().children(recursive=True))  # a test process may have other stacks, and a browser
    with interruptible():
        try:
            town.up()
            run = Run(town, form, seed, say)
            _limited(run, form, say)
        finally:
            found = psutil.Process().children(recursive=True)
            children = [each for each in found if each not in others and not _forks_for_us(each)]
            town.stack.down()
    left = [process.name() for process in psutil.wait_procs(children, timeout=5)[1]]
    run.outcome.verdicts.append(Verdict("nothing is left running", f"{len(children)} processes ended", tuple(left)))
    return run.outcome


def _forks_for_us(process: psutil.Process) -> bool:
    """Whether it is the one that forks what this test process starts, and ends with it (guichet_testing.forks)."""
    with suppress(psutil.Error):
        return process.ppid() == os.getpid() and SERVER in process.cmdline()
    return False


def _limited(run: Run, form: Form, say: Callable[[str], None]) -> None:
    async def within_time() -> None:
        async with asyncio.timeout(form.limit.total_seconds()):
            await run.play()

    try:
        asyncio.run(within_time())
    except Exception as error:
        run.outcome.verdicts.append(Verdict("the run came to its end", "", (f"{type(error).__name__}: {error}",)))
        say("".join(traceback.format_exception(error)))


@contextmanager
def interruptible() -> Iterator[None]:
    """Let SIGTERM end the run as Ctrl-C does: everything that was started is stopped."""

    def interrupt(_number: int, _frame: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
