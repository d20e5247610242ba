"""`guichet upgrade`: back up, bring what is stored to this version's form, start it; or go back (docs/upgrading.md)."""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from guichet.errors import PermanentError
from guichet.kafka.admin.group_offsets import registered_groups, running_groups
from guichet.kafka.admin.offsets import Offsets
from guichet_cli.console.command import run
from guichet_cli.topics.administrator import deployment_kafka
from guichet_cli.upgrade.decisions import AT_MOST, LOOKING_EVERY, undecided
from guichet_cli.upgrade.plan import Step, Wanted, plan

CODE: Final = Path(__file__).parents[4]
_BY_HAND: Final = "From here on the code is the other version's. Should a step fail, what follows it is done by hand:"

Version = Annotated[str | None, typer.Option("--to", help="A version that git knows; without it, the code here.")]
Back = Annotated[
    Path | None, typer.Option(help="Go back: the backup that was made before.", exists=True, file_okay=False)
]
Ledger = Annotated[
    Path | None,
    typer.Option(help="With --back: the vault's backup of then, if the ledger is not beside the data's.", exists=True),
]
Unmanaged = Annotated[bool, typer.Option("--by-hand", help="Services are stopped already, and started by you.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def upgrade(
    to: Version = None,
    back: Back = None,
    ledger: Ledger = None,
    by_hand: Unmanaged = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Back up, put another version in place, migrate, start. Stopped by a failure, it is run again once that is mended.

    Going back loses no message that was accepted since; decisions of agents since then are lost.
    """
    wanted = Wanted(code=CODE, version=to, back=back, ledger=ledger, managed=not by_hand)
    steps = [*plan(wanted)]
    if dry_run:
        for step in steps:
            typer.echo(f"{step.says}\n    {step.shown}")
        return
    if back is not None and not yes:
        typer.confirm("Decisions of agents since the backup are lost; messages are filed again. Go on?", abort=True)
    then = "run this again"
    for number, step in enumerate(steps, 1):
        if step.leaves:
            then = "go on by hand with the commands above"
            typer.echo("\n    ".join([_BY_HAND, *(each.shown for each in steps[number:])]))
        typer.echo(f"{number}/{len(steps)}  {step.says}")
        run(lambda step=step, then=then: _do(step, wanted, then))  # type: ignore[misc]
    typer.echo("Done." if wanted.managed else "Done. Start the services.")


async def _do(step: Step, wanted: Wanted, then: str) -> None:
    if step.words is None:
        await _until_decided(wanted)
    elif code := await asyncio.to_thread(_run, step.words):
        raise PermanentError(f"`{step.shown}` ended with status {code}. Mend it, then {then}.")


def _run(words: Sequence[str]) -> int:
    """Run a program; of Guichet's commands, by what hands each its own rights, where that is installed."""
    program = shutil.which(words[0])
    if words[0] == "guichet" and program is None:
        return subprocess.run([sys.executable, "-m", "guichet_cli", *words[1:]], check=False).returncode  # noqa: S603
    if program is None:
        raise PermanentError(f"This machine has no {words[0]}. Do it by hand: {' '.join(words)}")
    return subprocess.run([program, *words[1:]], check=False).returncode  # noqa: S603


async def _until_decided(wanted: Wanted) -> None:
    """Wait until no decision is on its way. Raises PermanentError where one stays, or a service runs that must not."""
    kafka = deployment_kafka()
    if not wanted.managed and (running := await running_groups(kafka, registered_groups())):
        raise PermanentError(f"{', '.join(running)} run(s): stop every service, the adapters too.")
    async with Offsets(kafka) as offsets:
        for _ in range(int(AT_MOST / LOOKING_EVERY)):
            waiting = await undecided(offsets)
            if not waiting:
                return
            if not wanted.managed:
                break
            await asyncio.sleep(LOOKING_EVERY.total_seconds())
    raise PermanentError(
        f"{waiting} decision(s) or request(s) are on their way and not carried out. Start the services, but not the"
        " doors, until the console shows nothing waiting there; then run this again."
    )
