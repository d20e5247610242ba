"""`guichet town migrate`: bring a town's folder to the form that this version reads, and keep one of before."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from guichet.errors import GuichetError
from guichet.town.load import load_town
from guichet.town.migrations.run import Migrated, migrated, require_newest_reader
from guichet_cli.console.command import run
from guichet_cli.console.language import Language, words
from guichet_cli.console.private_file import replace_file
from guichet_cli.town.places import USUAL_TOWN

Folder = Annotated[Path, typer.Argument(envvar="GUICHET_TOWN", help="The town's folder.")]
Lang = Annotated[Language, typer.Option("--lang", help="Of what is said.")]
_LAST = "town.yaml"  # it says the version: with it, all is done


def migrate(folder: Folder = USUAL_TOWN, lang: Lang = Language.FRENCH) -> None:
    """Bring the town's folder to the form that this version reads; what it was stays beside it, as FOLDER.vN.

    Killed, it is run again. Services read the folder when they start.
    """
    done = run(lambda: migrate_town(folder))
    for each in done.applied:
        typer.echo(f"{each.number}: {lang.of(each.what)}.")
    if done.applied:
        typer.echo(lang.of(words(f"Avant : {folder}.v{done.version}", f"Before: {folder}.v{done.version}")))
    else:
        typer.echo(lang.of(words("Ce dossier a déjà la forme d’aujourd’hui.", "This folder has today's form already.")))


async def migrate_town(folder: Path) -> Migrated:
    """Do so; return what was done. Nothing is changed where the result could not be read. Raises GuichetError."""
    require_newest_reader(folder)
    before = folder.with_name(f".{folder.name}.before")  # there while a run is under way, or was killed
    wanted = migrated(before if before.exists() else folder)
    if not wanted.applied:
        return wanted
    try:
        _try(folder, wanted)
        _copy(folder, before)
        for name in sorted(wanted.changed, key=lambda each: each == _LAST):
            (folder / name).parent.mkdir(exist_ok=True)
            replace_file(folder / name, wanted.changed[name].encode())
        _keep(before, folder.with_name(f"{folder.name}.v{wanted.version}"))
    except OSError as exc:
        raise GuichetError(f"{exc.filename or folder}: cannot be written ({exc.strerror}).") from exc
    return wanted


def _copy(folder: Path, copy: Path) -> None:
    if not copy.exists():
        partial = copy.with_name(f"{copy.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(folder, partial)
        partial.rename(copy)


def _keep(before: Path, place: Path) -> None:
    """Leave the folder of before in its place; one that an earlier way forward left there has had its time."""
    shutil.rmtree(place, ignore_errors=True)
    before.rename(place)


def _try(folder: Path, wanted: Migrated) -> None:
    trial = folder.with_name(f".{folder.name}.trial")
    shutil.rmtree(trial, ignore_errors=True)
    try:
        shutil.copytree(folder, trial)
        for name, text in wanted.changed.items():
            (trial / name).parent.mkdir(exist_ok=True)
            (trial / name).write_text(text, encoding="utf-8")
        load_town(trial)
    finally:
        shutil.rmtree(trial, ignore_errors=True)
