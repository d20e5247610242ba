"""`guichet vault init`: make the root-key file and the vault's first keys. Repeating it changes nothing."""

import typer

from guichet.runtime.settings import OpeningSettings, read_settings
from guichet.store.client import connect_vault
from guichet.store.vault_setup import initialise_vault
from guichet_cli.running import run

app = typer.Typer(help="The vault that holds every data key.", no_args_is_help=True)


@app.callback()
def vault() -> None:
    """Keep the sub-command's name even while there is only one."""


@app.command()
def init() -> None:
    """Make what is missing; refuse to replace a root key that the vault still needs."""
    run(initialise)


async def initialise() -> None:
    """See `init`. Raises SettingsError, TransientError."""
    settings = read_settings(OpeningSettings)
    database = connect_vault(settings)
    try:
        made = await initialise_vault(database, settings.root_key_file)
    finally:
        database.client.close()
    if made:
        typer.echo(
            f"Root key made: {settings.root_key_file}. Keep a copy apart: without it nothing sealed can be read."
        )
    typer.echo("The vault is ready.")
