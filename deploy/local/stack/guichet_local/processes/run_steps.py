"""Run the steps that prepare a stack."""

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from guichet_local.errors import StartFailedError
from guichet_local.machine.process import end_with_parent
from guichet_local.plan.preparation import PrepareStep

EnvironmentOf = Callable[..., Mapping[str, str]]
"""What the command of these words gets: not each signs in to the store as the same."""


def execute(arguments: Sequence[str], environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """Run `guichet ARGUMENTS` with these variables, to its end."""
    command = [*end_with_parent(), sys.executable, "-m", "guichet_cli", *arguments]
    return subprocess.run(command, env=dict(environment), capture_output=True, text=True, check=False)


RUN = execute  # what is called; tests of a whole town have one that starts commands quicker


def run_steps(steps: Sequence[PrepareStep], folder: Path, environment_of: EnvironmentOf) -> None:
    """Run steps at the same time. Raises StartFailedError with a step's own words."""
    with ThreadPoolExecutor(max_workers=max(len(steps), 1)) as threads:
        running = [threads.submit(run_step, step, folder, environment_of) for step in steps]
    for step in running:
        step.result()


def run_step(step: PrepareStep, folder: Path, environment_of: EnvironmentOf) -> None:
    """Run one step, unless it was to be done once and is done."""
    mark = folder / "prepared" / step.name
    if step.once and mark.exists():
        return
    arguments = [argument.format(folder=folder) for argument in step.arguments]
    done = RUN(arguments, environment_of(*arguments))
    if done.returncode:
        raise StartFailedError(f"guichet {' '.join(arguments)} failed: {(done.stderr or done.stdout).strip()}")
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()
