"""The operator's `guichet` command against a running stack."""

import subprocess
import sys

from guichet_local.stack import LocalStack


def guichet(stack: LocalStack, *words: str, typed: str = "") -> str:
    """Run `guichet …`, which must succeed, and return what it says. typed: what it is told where it asks."""
    done = run_guichet(stack, *words, typed=typed)
    assert done.returncode == 0, f"guichet {' '.join(words)}: {done.stdout}{done.stderr}"
    return done.stdout


def run_guichet(
    stack: LocalStack, *words: str, typed: str = "", **variables: str
) -> "subprocess.CompletedProcess[str]":
    """Run `guichet …`, whatever comes of it. variables: in place of the stack's; an empty one is not there."""
    environment = {**stack.environment_of("guichet", *words), "COLUMNS": "200", **variables}
    return subprocess.run(  # noqa: S603  our own command
        [sys.executable, "-m", "guichet_cli", *words],
        env={name: value for name, value in environment.items() if value},
        input=typed,
        capture_output=True,
        text=True,
        check=False,
    )
