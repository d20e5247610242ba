"""The operator's `guichet` command against a stack."""

import subprocess
import sys

from guichet_local.stack import LocalStack


def guichet_command(stack: LocalStack, *arguments: str, typed: str = "") -> str:
    """Run it and return what it said. typed: what the operator answers when asked. Raises AssertionError with its complaint."""
    done = subprocess.run(
        [sys.executable, "-m", "guichet_cli", *arguments],
        env=stack.environment_of("guichet", *arguments) | {"COLUMNS": "200"},
        input=typed,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"guichet {' '.join(arguments)}: {done.stderr}"
    return done.stdout
