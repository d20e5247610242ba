"""`guichet import-town FILE`: a town that comes from another installation, into one that holds nothing yet."""

from pathlib import Path
from typing import Annotated, Final

import typer

from guichet.errors import PermanentError
from guichet.kafka.admin.group_offsets import registered_groups, running_groups
from guichet.migrations.checks import require_migrated
from guichet.mongo.client import closing, connect, connect_vault
from guichet.runtime.settings import KafkaSettings, read_settings
from guichet.store.audit.trail import Act, AuditTrail, MongoAuditTrail
from guichet.store.objects import ObstoreObjects
from guichet.store.setup.arrival import Arrival
from guichet.store.setup.migration_table import MIGRATIONS
from guichet.town.load import load_town
from guichet_cli.console.command import operators_now, run
from guichet_cli.console.progress import Progress
from guichet_cli.console.second_copy import say_what_is_not_copied
from guichet_cli.town_export.archive import Identity, identities_in, reading
from guichet_cli.town_export.at_rest import AtRest
from guichet_cli.town_export.export import ExportSettings, note
from guichet_cli.town_export.import_walk import Intake, Seen, look_through
from guichet_cli.town_export.kinds import KINDS
from guichet_cli.town_export.manifest import Manifest
from guichet_cli.town_export.taken_before import TakenBefore
from guichet_cli.town_export.texts import imported_text
from guichet_cli.town_export.town_files import write_town_files

KEEPS_THE_COPY: Final = "gdpr-worker"
"""It runs meanwhile where the vault has a second copy, without which no key may be made."""

WHOLE: Final = "whole"
"""Stands in the audit trail beside an import that was done."""

File = Annotated[Path, typer.Argument(help="What `guichet export-town write` wrote.", exists=True, dir_okay=False)]
KeyFile = Annotated[
    Path,
    typer.Option(help="The file with the secret key that it was encrypted to; `-`: standard input.", allow_dash=True),
]
TownFiles = Annotated[
    Path | None, typer.Option(help="Write the town's own files into this new folder, and take in nothing else.")
]


def import_town(file: File, identity: KeyFile, town_files: TownFiles = None) -> None:
    """Take in what another installation exported. It is read whole first; nothing is sent to anybody.

    Stopped, it is run again, and goes on where it was.
    """
    if town_files is not None:
        written = run(lambda: _town_files(file, identity, town_files))
        typer.echo(f"{written} files of the town are in {town_files}.")
        return
    seen, counts = run(lambda: _import(file, identities_in(identity)))
    typer.echo(imported_text(seen.manifest, seen.end, counts))


async def _town_files(file: Path, identity: Path, folder: Path) -> int:
    with reading(file, identities_in(identity)) as members:
        return write_town_files(members, folder)


async def _import(file: Path, identities: list[Identity]) -> tuple[Seen, dict[str, int]]:
    settings, progress = read_settings(ExportSettings), Progress()
    await _require_nothing_runs(read_settings(KafkaSettings))
    with closing(connect(settings)) as database, closing(connect_vault(settings)) as vault_database:
        await require_migrated(database)
        arrival, vault = Arrival(database), settings.vault_in(vault_database)
        with reading(file, identities) as members:
            seen = look_through(members, lambda manifest: _check(manifest, settings))
        goes_on = await _goes_on(arrival, MongoAuditTrail(database), seen.manifest)
        order = (seen.manifest.order_id, seen.manifest.person)
        await note(database, Act.IMPORTED, *order)
        objects, at_rest = ObstoreObjects(settings.objects_url), AtRest(settings.claims(), operators_now())
        before = TakenBefore(arrival, vault, objects, at_rest) if goes_on else None
        intake = Intake(arrival, vault, objects, at_rest, progress.beat, before)
        with reading(file, identities) as members:
            for member in members:
                await intake.take(member)
        if before is not None:
            await before.end()
        await note(database, Act.IMPORTED, *order, WHOLE)
        progress.end()
        await say_what_is_not_copied(vault_database)
        return seen, dict(intake.counts)


async def _require_nothing_runs(kafka: KafkaSettings) -> None:
    """What a router files meanwhile would stand among what arrives."""
    if running := await running_groups(kafka, {*registered_groups()} - {KEEPS_THE_COPY}):
        raise PermanentError(f"{', '.join(running)} run(s): stop every service, the adapters too, then import.")


async def _goes_on(arrival: Arrival, trail: AuditTrail, manifest: Manifest) -> bool:
    """Say whether an import of this file was stopped here. Raises PermanentError where something else is here."""
    found = await arrival.first_with_documents(kind.collection for kind in KINDS if kind.returns)
    begun = [each for each in await trail.about(manifest.order_id) if each.act is Act.IMPORTED]
    if over := [each.at for each in begun if WHOLE in each.things]:
        raise PermanentError(f"This export was taken in already, at {over[0]:%Y-%m-%d %H:%M} UTC. Start the services.")
    if found is not None and not begun:
        raise PermanentError(
            f"This installation is not empty: something is in {found}. Import into a new one, prepared and not started."
        )
    return found is not None


def _check(manifest: Manifest, settings: ExportSettings) -> None:
    if manifest.migration != MIGRATIONS[-1].number:
        raise PermanentError(
            f"This export is of Guichet {manifest.version}, which stores things in another form (migration"
            f" {manifest.migration}; here {MIGRATIONS[-1].number}). Import it with that version, then upgrade."
        )
    ours = settings.prints()
    if other := sorted(name for name, known in manifest.keys.items() if ours.get(name) != known):
        raise PermanentError(
            f"GUICHET_{'_KEY, GUICHET_'.join(other)}_KEY is another here than where the export was made: ids would lead"
            " nowhere. Take over the keys of ids from there (docs/leaving.md)."
        )
    town = load_town(settings.town)
    if missing := sorted(set(manifest.departments) - town.departments.keys()):
        raise PermanentError(
            f"The town's files here have no department {', '.join(missing)}. Take the town's own files first:"
            " guichet import-town FILE --identity KEY-FILE --town-files FOLDER."
        )
