"""`guichet backup nightly|check|data|vault`: apart, because a backup of the data must not hold what opens it."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer

from guichet.contracts.topics import TOPICS
from guichet.kafka.admin.offsets import Offsets
from guichet.mongo.backup_files import Manifest, current_version, new_folder, write_manifest
from guichet.mongo.client import closing, connect, connect_vault
from guichet.mongo.dump import dump
from guichet.runtime.settings import (
    BackupSettings,
    KafkaSettings,
    MongoSettings,
    ObjectSettings,
    OpeningSettings,
    VaultSettings,
    read_settings,
)
from guichet.store.objects import ObstoreObjects
from guichet.store.setup.restore import data_collections
from guichet.store.verified_backups import MongoVerifiedBackups
from guichet.vault.backup import VaultBackups, back_up_vault
from guichet.vault.erasure_ledger.ledger import COLLECTION as LEDGER
from guichet.vault.keys.absent import absent_keys
from guichet.vault.keys.collections import VaultKeys
from guichet.vault.keys.locked import VaultLock
from guichet.vault.restore import read_backup
from guichet.vault.rotation.records import Rotations
from guichet_cli.backup.backup_texts import check_summary, nightly_summary
from guichet_cli.backup.check import check_backup
from guichet_cli.backup.examine import Found
from guichet_cli.backup.nightly import NightlyBackup
from guichet_cli.backup.object_files import save_objects
from guichet_cli.backup.offsets import offsets_of
from guichet_cli.console.command import command_group, operators_now, run
from guichet_cli.console.progress import Progress
from guichet_cli.console.upgrade_backup import backup_of_upgrade, begin_upgrade, end_upgrade

app = command_group("Copy the data, or the vault, to a folder; read a copy of the data.")

Folder = Annotated[Path, typer.Argument(help="A new folder, or an empty one.")]
Backup = Annotated[Path, typer.Argument(help="The backup's folder.", exists=True, file_okay=False)]
WithoutFiles = Annotated[
    bool, typer.Option("--without-files", help="Leave the object store out, where it has a backup of its own.")
]
WithLedger = Annotated[
    bool, typer.Option("--with-ledger", help="Beside it the ledger of erasures, as `guichet upgrade` needs to go back.")
]
_UPGRADED: Final = "guichet backup upgraded"
ForUpgrade = Annotated[
    bool, typer.Option("--for-upgrade", help="An upgrade begins with it; where one began already, its backup serves.")
]
Smaller = Annotated[
    bool, typer.Option("--smaller", help="It may hold less than half of the last good one: that is right.")
]
Keep = Annotated[int, typer.Option("--keep", min=1, help="How many good backups of the data stay.")]


@app.command()
def nightly(
    keep: Keep = 7,
    without_files: WithoutFiles = False,
    with_ledger: WithLedger = False,
    smaller: Smaller = False,
    for_upgrade: ForUpgrade = False,
) -> None:
    """Copy the data into GUICHET_BACKUPS, read the copy, then remove older ones; the vault into GUICHET_VAULT_BACKUPS.

    Status 1 unless what was copied was found good: older ones stay then, and the alarm `backup-old` comes in its time.
    """
    if for_upgrade and (before := run(_backup_of_upgrade)) is not None:
        typer.echo(f"{before} serves: an upgrade was begun with it. Did services run since? Then: {_UPGRADED}.")
        return
    folder, manifest, found = run(
        lambda: _nightly(keep, with_files=not without_files, with_ledger=with_ledger, may_shrink=smaller)
    )
    typer.echo(nightly_summary(folder, manifest, found))
    if not found.is_good:
        raise typer.Exit(1)
    if for_upgrade:
        begin_upgrade(folder)


@app.command()
def upgraded() -> None:
    """Note that an upgrade has ended, or is given up: the next one makes a backup of its own."""
    run(_end_upgrade)


@app.command()
def check(folder: Backup) -> None:
    """Read a whole backup of the data: every file, every document, and whether the vault has the keys that it needs.

    Status 1 unless all of it could be given back and read. Nothing is changed, and nothing sealed is opened.
    """
    manifest, found = run(lambda: _check(folder))
    typer.echo(check_summary(manifest, found))
    if not found.is_good:
        raise typer.Exit(1)


@app.command()
def data(folder: Folder, without_files: WithoutFiles = False) -> None:
    """Copy cases, messages, registry, audit and files as they stand at one moment; Guichet may run meanwhile.

    What is sealed stays sealed: without the vault and its root-key file nobody reads a person in it.
    """
    manifest = run(lambda: _data(folder, with_files=not without_files))
    files = "" if manifest.objects is None else f" and {manifest.objects} files"
    typer.echo(f"{manifest.documents} documents{files} are in {folder}.")


@app.command()
def vault(folder: Folder) -> None:
    """Copy the vault, and read the copy. The root-key file of today alone opens it; a rotation makes it worthless.

    The root-key file is never in it: keep that one apart (GUICHET_ROOT_KEY_COPY). gdpr-worker makes such a backup at
    every rotation by itself where GUICHET_VAULT_BACKUPS names a folder.
    """
    manifest = run(lambda: _vault(folder))
    typer.echo(
        f"{manifest.documents} documents of the vault are in {folder}. The root-key file is not, and must not lie "
        "beside it: without that file the backup opens nothing, and the next rotation makes both worthless."
    )


async def _backup_of_upgrade() -> Path | None:
    return backup_of_upgrade(read_settings(BackupSettings).backups, operators_now())


async def _end_upgrade() -> None:
    end_upgrade(read_settings(BackupSettings).backups)


async def _nightly(keep: int, *, with_files: bool, with_ledger: bool, may_shrink: bool) -> tuple[Path, Manifest, Found]:
    settings = read_settings(BackupSettings)

    async def back_up(folder: Path, earlier: Path | None) -> Manifest:
        manifest = await _data(folder, with_files=with_files, with_ledger=with_ledger, earlier=earlier)
        if settings.vault_backups is not None:  # after the data's, so that it has every key that those need
            await _replace_vaults_backup(settings.vault_backups, manifest)
        return manifest

    with (
        closing(connect(read_settings(MongoSettings))) as database,
        closing(connect_vault(read_settings(VaultSettings))) as vault_database,
    ):
        nightly = NightlyBackup(
            folder=settings.backups,
            keep=keep,
            kept_for=settings.backups_kept_for,
            may_shrink=may_shrink,
            is_locked=VaultLock(vault_database).is_locked,
            back_up=back_up,
            check=_check,
            verified=MongoVerifiedBackups(database),
            clock=operators_now,
        )
        return await nightly.run()


async def _replace_vaults_backup(folder: Path, data: Manifest) -> None:
    if _is_anothers(folder):
        typer.echo(
            f"{folder} may not be written to from here: the vault's backup stays the rotation's, without the keys"
            " made since. Without a second copy (GUICHET_VAULT_COPY) what came shortly before"
            f" {data.taken_at:%H:%M} UTC may not open once the vault is lost.",
            err=True,
        )
        return
    settings = read_settings(OpeningSettings)
    read_back = partial(read_backup, root_key_file=settings.root_key_file)
    with closing(connect_vault(settings)) as database:
        async with Rotations(database).lease() as lease:
            await VaultBackups(database, folder, read_back=read_back, clock=operators_now).replace(lease.keep)


def _is_anothers(folder: Path) -> bool:
    return folder.is_dir() and not os.access(folder, os.W_OK)


async def _check(folder: Path) -> tuple[Manifest, Found]:
    with closing(connect_vault(read_settings(VaultSettings))) as database:
        keys = VaultKeys(database, while_restoring=True)
        return await check_backup(folder, partial(absent_keys, keys), Progress())


async def _data(folder: Path, *, with_files: bool, with_ledger: bool = False, earlier: Path | None = None) -> Manifest:
    new_folder(folder)
    kafka, progress = read_settings(KafkaSettings), Progress()
    objects = ObstoreObjects(read_settings(ObjectSettings).objects_url) if with_files else None
    with closing(connect(read_settings(MongoSettings))) as database:
        async with Offsets(kafka) as offsets:  # before the dump: what comes meanwhile is filed twice, not never
            stood = offsets_of(await offsets.lags(TOPICS))
        taken_at = operators_now()
        files = await dump(database, data_collections(), folder, progress.beat)
        count = None
        if objects is not None:  # after the dump: a file lies there before its message does
            digests, count = await save_objects(objects, folder, progress.beat, earlier)
            files.append(digests)
        if with_ledger:
            with closing(connect_vault(read_settings(VaultSettings))) as vault_database:
                files += await dump(vault_database, [LEDGER], folder, progress.beat)
        progress.end()
        manifest = Manifest(
            kind="data",
            taken_at=taken_at,
            version=current_version(),
            files=tuple(files),
            objects=count,
            offsets=stood,
        )
        write_manifest(folder, manifest)
        return manifest


async def _vault(folder: Path) -> Manifest:
    progress, settings = Progress(), read_settings(OpeningSettings)
    with closing(connect_vault(settings)) as database:
        async with Rotations(database).lease() as lease:  # a rotation in between would make it worthless
            manifest = await back_up_vault(database, folder, _both(lease.keep, progress), operators_now())
            await asyncio.to_thread(read_backup, folder, root_key_file=settings.root_key_file)
        progress.end()
        return manifest


def _both(keep: Callable[[], Awaitable[None]], progress: Progress) -> Callable[[str, int], Awaitable[None]]:
    async def beat(part: str, count: int) -> None:
        await keep()
        await progress.beat(part, count)

    return beat
