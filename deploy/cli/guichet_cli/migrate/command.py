"""`guichet migrate`: bring a store that an older version wrote to the form that this version reads."""

from typing import Annotated

import typer

from guichet.migrations.checks import refuse_newer
from guichet.migrations.context import MigrationSettings, open_context
from guichet.migrations.run import migrate as run_migrations
from guichet.mongo.client import closing, connect, connect_vault
from guichet.runtime.settings import MongoSettings, read_settings
from guichet.store.setup.migration_records import MigrationRecord, MigrationRecords
from guichet.store.setup.migration_table import MIGRATIONS, Migration
from guichet_cli.console.command import operators_now, run
from guichet_cli.console.second_copy import say_what_is_not_copied
from guichet_cli.store.command import prepare_collections

Status = Annotated[bool, typer.Option("--status", help="Say what is done and what is not; change nothing.")]


def migrate(status: Status = False) -> None:
    """Bring stored documents to the form that this version reads; `guichet prepare` does it too.

    Stopped, it goes on when run again. No way back.
    """
    if status:
        for line in run(_status):
            typer.echo(line)
        return
    if not run(_prepare_and_migrate):
        typer.echo("Nothing to migrate.")


async def _prepare_and_migrate() -> list[Migration]:
    await prepare_collections()
    return await migrate_store()


async def migrate_store(*, while_restoring: bool = False) -> list[Migration]:
    """Run what is pending; only then are the keys asked for. Collections and indexes are there.

    while_restoring: as who puts a backup back, while nobody else may open. Raises SettingsError, TransientError.
    """
    with closing(connect(read_settings(MongoSettings))) as database:
        done = await run_migrations(
            MigrationRecords(database),
            lambda: open_context(
                read_settings(MigrationSettings), while_restoring=while_restoring, clock=operators_now
            ),
            say=_print_line,
            report=_print_count,
        )
    if done:
        with closing(connect_vault(read_settings(MigrationSettings))) as vault_database:
            await say_what_is_not_copied(vault_database)
    return done


async def _status() -> list[str]:
    with closing(connect(read_settings(MongoSettings))) as database:
        records = await MigrationRecords(database).all()
    refuse_newer(records, MIGRATIONS)
    return [_line(each, records.get(each.number)) for each in MIGRATIONS]


def _line(migration: Migration, record: MigrationRecord | None) -> str:
    """Return what is to be said of one. Pure."""
    begin = f"{migration.number:04} {migration.name}"
    if record is None:
        return f"{begin}: to be done" + (f"; stop the services: {migration.stops}" if migration.stops else "")
    if record.done_at is None:
        return f"{begin}: begun {record.began_at:%Y-%m-%d %H:%M} UTC, {record.count} documents so far"
    return f"{begin}: done {record.done_at:%Y-%m-%d %H:%M} UTC, {record.count} documents"


def _print_line(line: str) -> None:
    typer.echo(line, err=True)


def _print_count(name: str, count: int) -> None:
    typer.echo(f"{name}: {count} documents", err=True)
