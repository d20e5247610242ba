"""`guichet vault`: make the root-key file and the vault's first keys, replace them in a rotation, look at the copy."""

from typing import Annotated, Any

import typer

from guichet.mongo.client import closing, connect_vault
from guichet.runtime.settings import RotationSettings, VaultSettings, read_settings
from guichet.vault.copy.record import CopyRecord
from guichet.vault.keys.wrapping import BUCKETS
from guichet.vault.rotation.ports import RotationReport
from guichet.vault.rotation.rotate import open_rotation
from guichet.vault.setup import initialise_vault
from guichet_cli.console.command import command_group, operators_now, run
from guichet_cli.vault.copy_text import copy_summary

app = command_group("Prepare the vault that holds every data key, rotate its keys, and look at its second copy.")

Anew = Annotated[
    bool, typer.Option("--anew", help="Let gdpr-worker make the copy in an empty folder: the one of before is gone.")
]


@app.command()
def init() -> None:
    """Make what is missing; refuse to replace a root key that the vault still needs."""
    run(initialise)


@app.command("turn")
def rotate() -> None:
    """Make noise of what old copies of the vault hold of destroyed keys; gdpr-worker does it every night.

    It replaces the root-key file (GUICHET_ROOT_KEY_FILE and _COPY): every older copy of it is worthless afterwards.
    """
    report = run(_rotate)
    took = (report.ended_at - report.began_at).total_seconds()
    typer.echo(
        f"The vault is rotated: root key {report.generation}, {report.buckets} of {BUCKETS} buckets renewed, "
        f"{report.keys} keys re-wrapped in {took:.1f} s. What was destroyed before "
        f"{report.began_at:%Y-%m-%d %H:%M:%S} UTC opens from no copy any more."
    )
    if report.broken:
        typer.echo(f"{report.broken} keys do not open: somebody altered them (docs/operations.md, alarm `tampered`).")


async def _rotate() -> RotationReport:
    settings = read_settings(RotationSettings)
    with closing(connect_vault(settings)) as database:
        return await open_rotation(settings, database, operators_now).run()


@app.command("copy")
def second_copy(anew: Anew = False) -> None:
    """Say how the vault's second copy is (GUICHET_VAULT_COPY, which gdpr-worker keeps); fail where it is not kept."""
    state = run(lambda: _copy(anew=anew))
    if state is None:
        typer.echo("The vault has no second copy: set GUICHET_VAULT_COPY, and restart gdpr-worker.")
        raise typer.Exit(1)
    typer.echo(copy_summary(state))
    if not state["alive"] and not anew:
        raise typer.Exit(1)


async def _copy(*, anew: bool) -> dict[str, Any] | None:
    with closing(connect_vault(read_settings(VaultSettings))) as database:
        record = CopyRecord(database)
        if anew:
            await record.begin_anew()
        return await record.state()


async def initialise() -> None:
    """Do what `guichet vault init` does. Raises SettingsError, TransientError."""
    settings = read_settings(RotationSettings)
    with closing(connect_vault(settings)) as database:
        made = await initialise_vault(database, settings.root_key_file, clock=operators_now)
        if settings.vault_copy is not None:
            await CopyRecord(database).expect()
    if made:
        typer.echo(
            f"Root key made: {settings.root_key_file}. Without it nothing sealed can be read, and it changes every "
            "night: name a second file, on another disk, in GUICHET_ROOT_KEY_COPY for gdpr-worker."
        )
    typer.echo("The vault is ready.")
