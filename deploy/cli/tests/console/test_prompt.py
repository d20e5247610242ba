"""Who is asked something may stop at once: a first Ctrl-C ends the question, also in a command's loop."""

import io
import os
import signal
from collections.abc import Callable
from threading import Timer

import pytest
import typer

from guichet_cli.console.command import run
from guichet_cli.console.prompt import confirm, prompt


@pytest.mark.parametrize("ask", [lambda: prompt("Name"), lambda: confirm("Sure?", abort=True)])
def test_the_first_interrupt_ends_a_question(monkeypatch: pytest.MonkeyPatch, ask: Callable[[], object]) -> None:
    async def command() -> None:
        ask()

    before = signal.getsignal(signal.SIGINT)
    reading, writing = os.pipe()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(open(reading, "rb")))  # noqa: SIM115 pytest puts another there
    later = [
        Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)),
        Timer(1.5, os.write, (writing, b"y\n")),  # else who does not stop would wait for ever
    ]
    for each in later:
        each.start()
    try:
        with pytest.raises((typer.Abort, KeyboardInterrupt)) as stopped:
            run(command)
        assert stopped.type is typer.Abort, "it waited for an answer all the same"
    finally:
        later[1].join()
        os.close(writing)
    assert signal.getsignal(signal.SIGINT) is before
