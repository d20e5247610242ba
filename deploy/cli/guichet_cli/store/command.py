"""`guichet store prepare|users`: MongoDB's collections and indexes, and who may use them. Repeating changes nothing."""

import asyncio
from collections.abc import Collection
from pathlib import Path
from typing import Final

import typer

from guichet.errors import SettingsError
from guichet.mongo.client import closing, connect, connect_vault, translated
from guichet.runtime.settings import MongoDeploymentSettings, MongoSettings, TownSettings, VaultSettings, read_settings
from guichet.store.setup.roles import password_variable, read_roles, roles_in
from guichet.store.setup.schema import prepare as prepare_database
from guichet.store.setup.users import Changes, administrator_at, make_roles_and_users
from guichet.town.third_parties import hosts_of
from guichet.vault.schema import prepare_vault
from guichet_cli.console.command import command_group, operators_now, run
from guichet_cli.console.users_file import read_passwords, read_text

app = command_group("Prepare MongoDB: collections, indexes, and who may use them.")


@app.command()
def prepare() -> None:
    """Make what is missing, in the database and in the vault; to run at each deployment."""
    run(prepare_collections)


@app.command()
def users() -> None:
    """Make one user a service, with the rights of roles.json and no other; to run at each deployment."""
    run(_make_users)


async def prepare_collections() -> None:
    """Do what `guichet store prepare` does. Raises SettingsError, TransientError."""
    mongo, vault = read_settings(MongoSettings), read_settings(VaultSettings)
    with closing(connect(mongo)) as database, closing(connect_vault(vault)) as vault_database:
        await prepare_database(database, clock=operators_now)
        await prepare_vault(vault_database)
    typer.echo("Collections and indexes are ready.")


async def make_users_where_there_are_any() -> None:
    """At deployment: some towns make users themselves. Raises SettingsError, TransientError."""
    if read_settings(MongoDeploymentSettings).mongodb_admin_uri_file is None:
        typer.echo("MongoDB's users and roles stay as they are (GUICHET_MONGODB_ADMIN_URI_FILE is not set).")
    else:
        await _make_users()


async def _make_users() -> None:
    settings = read_settings(MongoDeploymentSettings)
    if settings.mongodb_admin_uri_file is None or settings.mongodb_users_file is None:
        raise SettingsError(
            "Set GUICHET_MONGODB_ADMIN_URI_FILE, a file with the connection string of who may make users, and"
            " GUICHET_MONGODB_USERS_FILE, a file with a line MONGODB_PASSWORD_CASE_ROUTER=… for each of them."
        )
    hosts = hosts_of(read_settings(TownSettings).town)
    changes = await asyncio.to_thread(make_users, settings.mongodb_admin_uri_file, settings.mongodb_users_file, hosts)
    typer.echo(f"MongoDB's roles and users are ready ({len(changes.roles)} and {len(changes.users)} new or changed).")


ROLES: Final = Path(__file__).parents[3] / "mongodb" / "roles.json"


def make_users(admin_uri_file: Path, users_file: Path, hosts: Collection[str] = ()) -> Changes:
    """Make them, in whichever state they are. hosts: of third parties. Raises SettingsError, TransientError."""
    uri = read_text(admin_uri_file, setting="GUICHET_MONGODB_ADMIN_URI_FILE").strip()
    passwords = read_passwords(users_file, roles_in(hosts), password_variable, setting="GUICHET_MONGODB_USERS_FILE")
    with translated(), administrator_at(uri) as administrator:
        return make_roles_and_users(
            administrator,
            read_roles(ROLES),
            passwords,
            database=read_settings(MongoSettings).mongodb_database,
            vault_database=read_settings(VaultSettings).vault_database,
            hosts=hosts,
        )
