"""`guichet store prepare`: make every collection and index. Repeating it changes nothing."""

import typer

from guichet.runtime.settings import MongoSettings, VaultSettings, read_settings
from guichet.store.client import connect, connect_vault
from guichet.store.preparation import prepare as prepare_database
from guichet.store.preparation import prepare_vault
from guichet_cli.running import run

app = typer.Typer(help="MongoDB's collections and indexes.", no_args_is_help=True)


@app.callback()
def store() -> None:
    """Keep the sub-command's name even while there is only one."""


@app.command()
def prepare() -> None:
    """Make what is missing, in the database and in the vault; to run at each deployment."""
    run(prepare_collections)


async def prepare_collections() -> None:
    """See `prepare`. Raises SettingsError, TransientError."""
    database = connect(read_settings(MongoSettings))
    vault = connect_vault(read_settings(VaultSettings))
    try:
        await prepare_database(database)
        await prepare_vault(vault)
    finally:
        database.client.close()
        vault.client.close()
    typer.echo("Collections and indexes are ready.")
