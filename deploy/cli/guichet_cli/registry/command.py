"""`guichet registry import FILE.csv`: enter the citizens that the town knows. Repeating it changes nothing."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from guichet.batches import batched
from guichet.mongo.client import closing, connect, connect_vault
from guichet.runtime.settings import MongoSettings, OpeningSettings, SecretKey, TownSettings, read_settings
from guichet.store.registry.citizens import MongoCitizenStore
from guichet.store.registry.identifiers import MongoIdentifierStore
from guichet.town.channel_facts import known_channels
from guichet.vault.keys.collections import VaultKeys
from guichet.vault.mongo_vault import MongoVault
from guichet.vault.root_key.file import RootKeyFile
from guichet_cli.console.command import command_group, operators_now, run
from guichet_cli.console.second_copy import say_what_is_not_copied
from guichet_cli.registry.bulk_import import Imported, RegistryImport
from guichet_cli.registry.file import Row, read_citizens

ROWS_AT_ONCE = 500  # the bulk size that the store likes best

app = command_group("Enter the citizens that the town knows.")


class RegistrySettings(MongoSettings, OpeningSettings):
    """registry_key: makes the ids of addresses, the same as the router's."""

    registry_key: SecretKey


@app.command("import")
def import_file(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="CSV; columns: deploy/local/town/README.md")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")] = False,
) -> None:
    """Enter citizens; nothing at all is entered while a line is wrong."""
    rows = _read(file)
    imported = run(lambda: _import(rows, dry_run=dry_run))
    verb = "would be" if dry_run else "are"
    typer.echo(
        f"{len(rows)} lines: {imported.new} citizens {verb} new, {imported.changed} changed, "
        f"{imported.unchanged} as they were."
    )


def _read(file: Path) -> list[Row]:
    with file.open(encoding="utf-8-sig", newline="") as lines:  # a spreadsheet begins its UTF-8 with a mark
        rows, complaints = read_citizens(lines, known_channels(read_settings(TownSettings).town).kinds)
    for complaint in complaints:
        typer.echo(f"{file}:{complaint.line}: {complaint.text}", err=True)
    if complaints:
        typer.echo("Nothing was entered. Mend these lines and import again.", err=True)
        raise typer.Exit(1)
    return rows


async def _import(rows: Sequence[Row], *, dry_run: bool) -> Imported:
    settings = read_settings(RegistrySettings)
    with closing(connect(settings)) as database, closing(connect_vault(settings)) as vault_database:
        keys = VaultKeys(vault_database, by_command=True)
        into = RegistryImport(
            identifiers=MongoIdentifierStore(database),
            citizens=MongoCitizenStore(database),
            vault=MongoVault(keys, RootKeyFile(settings.root_key_file), now=operators_now),
            registry_key=settings.registry_key.get_secret_value(),
            now=operators_now(),
        )
        imported = await _in_parts(rows, into, dry_run=dry_run)
        if not dry_run and (imported.new or imported.changed):
            await say_what_is_not_copied(vault_database)
        return imported


async def _in_parts(rows: Sequence[Row], into: RegistryImport, *, dry_run: bool) -> Imported:
    total = Imported()
    for part in batched(rows, ROWS_AT_ONCE):
        total += await (into.foresee(part) if dry_run else into.enter(part))
    return total
