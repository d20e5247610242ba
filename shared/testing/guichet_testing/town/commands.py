"""The operator's `guichet` command against a running stack."""

import subprocess

from guichet_local.stack import LocalStack
from guichet_testing.forks.popen import run


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
    given = {name: value for name, value in environment.items() if value}
    return run("guichet_cli", words, environment=given, typed=typed)
