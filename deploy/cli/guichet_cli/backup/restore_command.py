"""`guichet restore everything|data|vault|check`: put a backup back, services stopped (docs/backup-and-restore.md)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from guichet.data_subject.assemble import open_finder, open_removal
from guichet.data_subject.authority import Authority
from guichet.data_subject.reapply import Reapplying
from guichet.errors import PermanentError
from guichet.mongo.client import Database, closing, connect, connect_vault
from guichet.privacy.pseudonyms import erased_citizen_tag
from guichet.privacy.signing.public_keys import PublicKeyFolder
from guichet.privacy.signing.records import Verifier
from guichet.runtime.settings import (
    MongoSettings,
    ObjectSettings,
    OpeningSettings,
    RotationSettings,
    SecretKey,
    VerifyingSettings,
    read_settings,
)
from guichet.store.cases.erase import MongoCaseErasing
from guichet.store.documents import MongoDocumentFinder
from guichet.store.objects import ObstoreObjects
from guichet.store.registry.reader import MongoCitizenReader
from guichet.store.setup.restore import DataRestore
from guichet.vault.erasure_ledger.ledger import MongoErasureLedger
from guichet.vault.keys.absent import absent_keys
from guichet.vault.keys.collections import VaultKeys
from guichet.vault.mongo_vault import MongoVault
from guichet.vault.restore import VaultRestore, check_opens
from guichet.vault.restore_source import check_whole, choose
from guichet.vault.root_key.file import RootKeyFile, read_root_keys
from guichet.vault.rotation.records import Rotations
from guichet_cli.agents.command import record_rights_of_the_town
from guichet_cli.backup.backup_texts import store_summary
from guichet_cli.backup.check import whole_backup
from guichet_cli.backup.examine import Found
from guichet_cli.backup.restore import DataRestoration, Restored
from guichet_cli.backup.restore_texts import REPLACES_DATA, REPLACES_VAULT, data_summary, vault_summary
from guichet_cli.backup.store_check import check_store
from guichet_cli.backup.way_back import WayBack
from guichet_cli.console.command import command_group, operators_now, run
from guichet_cli.console.progress import Progress
from guichet_cli.console.prompt import confirm
from guichet_cli.migrate.command import migrate_store
from guichet_cli.store.command import make_users_where_there_are_any
from guichet_cli.topics.administrator import deployment_kafka
from guichet_cli.topics.command import Replication, create_all, give_rights_where_there_are_any

app = command_group("Put a backup back.")

Folder = Annotated[Path, typer.Argument(help="The backup's folder.", exists=True, file_okay=False)]
VaultFolder = Annotated[
    Path | None,
    typer.Argument(
        help="A backup's folder, or that of the second copy (GUICHET_VAULT_COPY).", exists=True, file_okay=False
    ),
]
Ledger = Annotated[
    Path | None,
    typer.Option(help="The vault's backup of the same hour, for its ledger of erasures.", exists=True, file_okay=False),
]
NotNewest = Annotated[bool, typer.Option("--not-the-newest", help="Take it though a newer copy or backup is there.")]
Replace = Annotated[bool, typer.Option("--replace", help="Lose what is there.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Older = Annotated[bool, typer.Option("--older-than-an-erasure", help="Take a vault from before keys were destroyed.")]


class RestoreCheckSettings(MongoSettings, OpeningSettings, ObjectSettings):
    """What is read."""


class RestoreSettings(MongoSettings, OpeningSettings, ObjectSettings, VerifyingSettings):
    """registry_key, sector_key: the router's; they lead from an erased citizen to what was theirs.

    ledger_key: gdpr-worker's; by it the ledger knows again who was erased.
    """

    registry_key: SecretKey
    sector_key: SecretKey
    ledger_key: SecretKey


@app.command()
def data(folder: Folder, replace: Replace = False, yes: Yes = False) -> None:
    """Put cases, messages, registry and files back; erase again what was erased since; file again what came since."""
    restored = run(lambda: _data(folder, replace=replace, yes=yes))
    typer.echo(data_summary(restored))


@app.command()
def vault(
    folder: VaultFolder = None,
    replace: Replace = False,
    yes: Yes = False,
    older: Older = False,
    not_newest: NotNewest = False,
) -> None:
    """Put the vault back, where it is lost. Without a folder: the newest of its second copy and its own backups.

    A rotation makes older ones worthless.
    """
    keys = run(lambda: _vault(folder, replace=replace, yes=yes, older=older, not_newest=not_newest))
    typer.echo(vault_summary(keys))


@app.command()
def everything(data: Folder, vault: VaultFolder = None, replication: Replication = 1) -> None:
    """Put a whole town back on an empty machine: users, topics, the vault (the newest there is), the data; read it all.

    Kafka and MongoDB run and are empty; settings, secrets and the root-key file are there; no service runs. Killed in
    the middle, run it again: what is done is kept. Status 1 unless all that was put back can be read.
    """
    run(lambda: _foundations(replication))
    run(lambda: _everything(data, vault))
    check()


@app.command("make-way")
def make_way(folder: Folder, ledger: Ledger = None) -> None:
    """Make way for an earlier version, which then puts its backup back: `guichet upgrade --back` calls it."""
    said = run(lambda: _make_way(folder, ledger))
    typer.echo(f"The way back is free. {said} message(s) of since then are on their topics as that version reads them.")


@app.command()
def check() -> None:
    """Read all that is in the store, as services will find it. Status 1 unless all of it can be read."""
    found = run(_check)
    typer.echo(store_summary(found))
    if not found.is_good:
        raise typer.Exit(1)


async def _make_way(folder: Path, ledger: Path | None) -> int:
    manifest = whole_backup(folder, Progress())
    with closing(connect(read_settings(MongoSettings))) as database, closing(_vault_database()) as vault_database:
        data = DataRestore(database, vault_database, clock=operators_now)
        return await WayBack(deployment_kafka(), data, vault_database).make(folder, manifest, ledger)


async def _foundations(replication: int) -> None:
    await make_users_where_there_are_any()  # first: who restores is one of them
    await asyncio.gather(create_all(replication), give_rights_where_there_are_any())


async def _everything(data: Path, vault: Path | None) -> None:
    whole_backup(data, Progress())  # before anything is changed
    with closing(connect_vault(read_settings(OpeningSettings))) as database:
        is_lost = await VaultRestore(database).is_empty()
    if is_lost:
        typer.echo(vault_summary(await _vault(vault, replace=False, yes=False, older=False, not_newest=False)))
    with closing(connect(read_settings(MongoSettings))) as database, closing(_vault_database()) as vault_database:
        was_begun = await DataRestore(database, vault_database, clock=operators_now).is_under_way()
    typer.echo(data_summary(await _data(data, replace=was_begun, yes=was_begun)))
    await record_rights_of_the_town()


def _vault_database() -> Database:
    return connect_vault(read_settings(OpeningSettings))


async def _check() -> Found:
    settings = read_settings(RestoreCheckSettings)
    with closing(connect(settings)) as database, closing(connect_vault(settings)) as vault_database:
        await MongoVault(VaultKeys(vault_database), RootKeyFile(settings.root_key_file), now=operators_now).check()
        keys = partial(absent_keys, VaultKeys(vault_database))
        return await check_store(database, ObstoreObjects(settings.objects_url), keys, Progress())


async def _data(folder: Path, *, replace: bool, yes: bool) -> Restored:
    progress = Progress()
    manifest = whole_backup(folder, progress)
    async with _data_restoration(read_settings(RestoreSettings), progress) as restoration:
        await restoration.refuse_unless_ready(replace=replace)
        if replace and not yes:
            confirm(REPLACES_DATA.format(taken_at=manifest.taken_at), abort=True)
        return await restoration.run(folder, manifest)


@asynccontextmanager
async def _data_restoration(settings: RestoreSettings, progress: Progress) -> AsyncIterator[DataRestoration]:
    with closing(connect(settings)) as database, closing(connect_vault(settings)) as vault_database:
        documents = VaultKeys(vault_database, while_restoring=True)
        keys = MongoVault(documents, RootKeyFile(settings.root_key_file), now=operators_now)
        objects = ObstoreObjects(settings.objects_url)
        finder = open_finder(
            database,
            keys,
            registry_key=settings.registry_key.get_secret_value(),
            sector_key=settings.sector_key.get_secret_value(),
        )
        removal = open_removal(database, keys, objects, finder)
        ledger = MongoErasureLedger(vault_database)
        again = Reapplying(
            ledger=ledger,
            finder=finder,
            removal=removal,
            documents=MongoDocumentFinder(database),
            cases=MongoCaseErasing(database),
            vault=keys,
            registry=MongoCitizenReader(database),
            tag=partial(erased_citizen_tag, settings.ledger_key.get_secret_value()),
            authority=Authority(
                Verifier(PublicKeyFolder(settings.public_keys)), settings.ledger_key.get_secret_value()
            ),
        )
        yield DataRestoration(
            kafka=deployment_kafka(),
            data=DataRestore(database, vault_database, clock=operators_now),
            objects=objects,
            check_vault=keys.check,
            migrate=partial(migrate_store, while_restoring=True),
            erase_again=again.run,
            progress=progress,
        )


async def _vault(folder: Path | None, *, replace: bool, yes: bool, older: bool, not_newest: bool) -> int:
    settings, progress = read_settings(RotationSettings), Progress()
    candidate = choose(folder, settings.vault_copy, settings.vault_backups, also_an_older=not_newest, warn=progress.say)
    check_whole(candidate, progress.say)
    check_opens(candidate.source, read_root_keys(settings.root_key_file))
    with closing(connect_vault(settings)) as database:
        restore = VaultRestore(database)
        if not await restore.is_empty() and not replace:
            raise PermanentError("The vault is not lost. Give --replace to lose the keys made since the backup.")
        _refuse_older(candidate.held_until, await restore.last_destroyed(), older=older)
        if replace and not yes:
            confirm(REPLACES_VAULT.format(taken_at=candidate.held_until), abort=True)
        async with Rotations(database).lease():
            await restore.replace(candidate.source, progress.beat, copy=settings.vault_copy)
        progress.end()
        await MongoVault(
            VaultKeys(database, while_restoring=True), RootKeyFile(settings.root_key_file), now=operators_now
        ).check()
        return await restore.count_keys()


def _refuse_older(taken_at: datetime, last_destroyed: datetime | None, *, older: bool) -> None:
    if last_destroyed is not None and last_destroyed > taken_at and not older:
        raise PermanentError(
            f"Keys were destroyed at {last_destroyed:%Y-%m-%d %H:%M:%S} UTC, after this backup was made: it still "
            "holds them. Restore a newer one, or give --older-than-an-erasure: what this vault knows to be destroyed "
            "stays so."
        )
