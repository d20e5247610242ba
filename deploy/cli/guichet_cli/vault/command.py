"""`guichet vault`: make the root-key file and the vault's first keys, and replace them in a rotation."""

import typer

from guichet.mongo.client import closing, connect_vault
from guichet.runtime.settings import OpeningSettings, RotationSettings, read_settings
from guichet.vault.keys.wrapping import BUCKETS
from guichet.vault.rotation.ports import RotationReport
from guichet.vault.rotation.rotate import open_rotation
from guichet.vault.setup import initialise_vault
from guichet_cli.console.command import command_group, operators_now, run

app = command_group("Prepare the vault that holds every data key, and rotate its keys.")


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


async def initialise() -> None:
    """Do what `guichet vault init` does. Raises SettingsError, TransientError."""
    settings = read_settings(OpeningSettings)
    with closing(connect_vault(settings)) as database:
        made = await initialise_vault(database, settings.root_key_file, clock=operators_now)
    if made:
        typer.echo(
            f"Root key made: {settings.root_key_file}. Without it nothing sealed can be read, and it changes every "
            "night: name a second file, on another disk, in GUICHET_ROOT_KEY_COPY for gdpr-worker."
        )
    typer.echo("The vault is ready.")
