"""`guichet upgrade`: back up, bring what is stored to this version's form, start it; or go back (docs/upgrading.md)."""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from guichet.contracts.channels import Words
from guichet.errors import GuichetError
from guichet.kafka.admin.group_offsets import registered_groups, running_groups
from guichet.kafka.admin.offsets import Offsets
from guichet_cli.console.language import Language, words
from guichet_cli.topics.administrator import deployment_kafka
from guichet_cli.upgrade.before import is_changed, is_under_way, remember_version, unknown_migrations, what_was
from guichet_cli.upgrade.decisions import AT_MOST, LOOKING_EVERY, undecided
from guichet_cli.upgrade.failed import after_failure
from guichet_cli.upgrade.plan import ENDED, TARGET, Left, Step, Wanted, plan

CODE: Final = Path(__file__).parents[4]
UNITS: Final = Path("/etc/systemd/system")
SERVERS: Final = ("guichet-kafka.service", "guichet-mongod.service")
_BY_HAND: Final = words(
    "À partir d’ici, le code est celui de l’autre version. Si une étape échoue, la suite se fait à la main :",
    "From here on the code is the other version's. Should a step fail, what follows it is done by hand:",
)
_CERTAIN: Final = words(
    "Les décisions des agents depuis la sauvegarde sont perdues ; les messages sont classés de nouveau. Continuer ?",
    "Decisions of agents since the backup are lost; messages are filed again. Go on?",
)
_INTERRUPTED: Final = words("interrompu", "interrupted")
_DONE: Final = words("Terminé.", "Done.")
_START: Final = words("Terminé. Démarrez les services.", "Done. Start the services.")

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
Lang = Annotated[Language, typer.Option("--lang", help="Of what is said.")]


class NotDoneError(Exception):
    """A step failed. says: why."""

    def __init__(self, says: Words) -> None:
        super().__init__(says.en)
        self.says = says


def upgrade(
    to: Version = None,
    back: Back = None,
    ledger: Ledger = None,
    by_hand: Unmanaged = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    lang: Lang = Language.FRENCH,
) -> None:
    """Back up, put another version in place, migrate, start. Stopped by a failure, it says what to type.

    Going back loses no message that was accepted since; decisions of agents since then are lost.
    """
    servers = () if by_hand else tuple(each for each in SERVERS if (UNITS / each).exists())
    wanted = Wanted(code=CODE, version=to, back=back, ledger=ledger, managed=not by_hand, servers=servers)
    steps = [*plan(wanted)]
    if dry_run:
        for step in steps:
            typer.echo(f"{lang.of(step.says)}\n    {step.shown}")
        return
    if back is not None and not yes:
        typer.confirm(lang.of(_CERTAIN), abort=True)
    if back is None and to is not None:
        remember_version(CODE)
    begun, looked = _begun(wanted), False
    for number, step in enumerate(steps, 1):
        if step.left is not Left.RUNNING and not looked:
            looked = True
            _refuse_newer_backup(wanted, lang)
        if step.leaves:
            typer.echo("\n    ".join([lang.of(_BY_HAND), *(each.shown for each in steps[number:])]))
        typer.echo(f"{number}/{len(steps)}  {lang.of(step.says)}")
        try:
            asyncio.run(_do(step, wanted))
        except NotDoneError as exc:
            _give_up(step, wanted, max(step.left, begun), exc.says, lang)
        except KeyboardInterrupt:
            _give_up(step, wanted, max(step.left, begun), _INTERRUPTED, lang)
    typer.echo(lang.of(_DONE if wanted.managed else _START))


def _begun(wanted: Wanted) -> Left:
    """How far the town is before the first step: what was run before may have failed, or done it by hand."""
    if is_under_way():
        return Left.STORED if wanted.version is None or is_changed(wanted.code) else Left.STOPPED
    return Left.RUNNING if wanted.version is not None or wanted.back is not None else Left.CHANGED


def _give_up(step: Step, wanted: Wanted, left: Left, wrong: Words, lang: Language) -> None:
    resumed = left is Left.STOPPED and wanted.managed and _resume(wanted)
    for each in after_failure(step, wanted, what_was(wanted.code), left=left, resumed=resumed, wrong=wrong):
        typer.echo(lang.of(each), err=True)
    raise typer.Exit(1)


def _refuse_newer_backup(wanted: Wanted, lang: Language) -> None:
    """End where the version that is gone back to could not put the backup back: nothing was stopped yet."""
    if wanted.back is None or wanted.version is None:
        return
    if found := unknown_migrations(wanted.code, wanted.version, wanted.back):
        numbers = ", ".join(map(str, found))
        newer = words(
            f"{wanted.back} a été faite par une version plus récente que {wanted.version}, qui ne connaît pas la"
            f" migration {numbers}. Prenez la sauvegarde que la mise à niveau avait nommée. Rien n’a été changé.",
            f"{wanted.back} was made by a later version than {wanted.version}, which does not know migration {numbers}."
            " Take the backup that the upgrade named. Nothing was changed.",
        )
        typer.echo(lang.of(newer), err=True)
        raise typer.Exit(1)


def _resume(wanted: Wanted) -> bool:
    """Start the services again; what they change from now on is in no backup, so the next upgrade makes its own."""
    if _run(("systemctl", "start", *wanted.servers, TARGET)):
        return False
    _run(ENDED)
    return True


async def _do(step: Step, wanted: Wanted) -> None:
    """Raises NotDoneError."""
    try:
        if step.runs is None:
            await _until_decided(wanted)
        elif code := await asyncio.to_thread(_run, step.runs):
            raise NotDoneError(words(f"code {code}", f"status {code}"))
    except GuichetError as exc:  # a store, or a broker, that does not answer
        raise NotDoneError(words(str(exc), str(exc))) from exc


def _run(program_words: Sequence[str]) -> int:
    """Run a program; of Guichet's commands, by what hands each its own rights, where that is installed."""
    program = shutil.which(program_words[0])
    if program_words[0] == "guichet" and program is None:
        return subprocess.run([sys.executable, "-m", "guichet_cli", *program_words[1:]], check=False).returncode  # noqa: S603
    if program is None:
        raise NotDoneError(
            words(
                f"cette machine n’a pas {program_words[0]} : à faire à la main",
                f"this machine has no {program_words[0]}: do it by hand",
            )
        )
    return subprocess.run([program, *program_words[1:]], check=False).returncode  # noqa: S603


async def _until_decided(wanted: Wanted) -> None:
    """Wait until no decision is on its way. Raises NotDoneError where one stays, or a service runs that must not."""
    kafka = deployment_kafka()
    if not wanted.managed and (running := await running_groups(kafka, registered_groups())):
        names = ", ".join(running)
        raise NotDoneError(
            words(
                f"{names} tourne(nt) : arrêtez tous les services, les adaptateurs aussi.",
                f"{names} run(s): stop every service, the adapters too.",
            )
        )
    async with Offsets(kafka) as offsets:
        for _ in range(int(AT_MOST / LOOKING_EVERY)):
            waiting = await undecided(offsets)
            if not waiting:
                return
            if not wanted.managed:
                break
            await asyncio.sleep(LOOKING_EVERY.total_seconds())
    raise NotDoneError(
        words(
            f"{waiting} décision(s) ou demande(s) sont en route et pas exécutées. Démarrez les services, mais ni le"
            " guichet ni le portail, jusqu’à ce que la console n’y montre plus rien.",
            f"{waiting} decision(s) or request(s) are on their way and not carried out. Start the services, but not the"
            " doors, until the console shows nothing waiting there.",
        )
    )
