"""What must be done before the services may start: steps of the `guichet` command, each safe to repeat."""

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from guichet_local.errors import StartFailedError
from guichet_local.machine.paths import TOWN
from guichet_local.machine.process import end_with_parent


@dataclass(frozen=True)
class PrepareStep:
    """One call of `python -m guichet_cli`. `{folder}` in an argument is the stack's folder.

    `once`: only at the first start of a folder. (A citizen erased since must not come back from a CSV file.)
    """

    arguments: tuple[str, ...]
    once: bool = False

    @property
    def name(self) -> str:
        """The command's words, as in `topics-create`."""
        return "-".join(self.arguments[:2])


@dataclass(frozen=True)
class Preparation:
    """The steps that services wait for, then those that run while the services start (each set at once)."""

    before: tuple[PrepareStep, ...]
    meanwhile: tuple[PrepareStep, ...]


PREPARATION: Final = Preparation(
    before=(PrepareStep(("prepare",)),),
    meanwhile=(
        PrepareStep(("agents", "create", "--passwords-file", "{folder}/secrets/agents.txt")),
        PrepareStep(("registry", "import", str(TOWN / "citizens.csv")), once=True),
    ),
)

NOTHING: Final = Preparation((), ())

EnvironmentOf = Callable[..., Mapping[str, str]]
"""What the command of these words gets: not each signs in to the store as the same."""


def servers_alone(settings: Mapping[str, str]) -> Preparation:
    """What servers need without services: a restore, which then comes, is a user of our own store too."""
    if "GUICHET_MONGODB_URI" in settings:
        return NOTHING
    return Preparation(before=(PrepareStep(("store", "users")),), meanwhile=())


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
    done = subprocess.run(
        [*end_with_parent(), sys.executable, "-m", "guichet_cli", *arguments],
        env=dict(environment_of(*arguments)),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise StartFailedError(f"guichet {' '.join(arguments)} failed: {(done.stderr or done.stdout).strip()}")
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()
