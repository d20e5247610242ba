"""What `guichet export-town write` does: one moment of the store, through the vault, into one encrypted file."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Final

from guichet.errors import PermanentError
from guichet.migrations.checks import require_migrated
from guichet.mongo.backup_files import current_version
from guichet.mongo.client import Database, closing, connect, connect_vault
from guichet.mongo.snapshot import Snapshot, one_moment
from guichet.runtime.settings import (
    MongoSettings,
    ObjectSettings,
    OpeningSettings,
    SecretKey,
    SigningSettings,
    TownSettings,
    VerifyingSettings,
)
from guichet.store.audit.trail import Act, AuditEntry, MongoAuditTrail
from guichet.store.objects import ObstoreObjects
from guichet.store.setup.migration_table import MIGRATIONS
from guichet.store.threads.sealed_claim import ClaimSealing
from guichet.town.load import load_town
from guichet.vault.erasure_ledger.ledger import MongoErasureLedger
from guichet.vault.keys.collections import VaultKeys
from guichet.vault.mongo_vault import MongoVault
from guichet.vault.ports import KeyOpener
from guichet.vault.root_key.file import RootKeyFile
from guichet_cli.console.command import operator, operators_now
from guichet_cli.console.progress import Progress
from guichet_cli.town_export.archive import Archive, recipient_of, writing
from guichet_cli.town_export.at_rest import AtRest
from guichet_cli.town_export.export_walk import Walk
from guichet_cli.town_export.manifest import FIRST, LAST, End, Manifest, fingerprints
from guichet_cli.town_export.order import Order
from guichet_cli.town_export.schema import schemas
from guichet_cli.town_export.town_files import town_files
from guichet_cli.town_export.under_way import OnTheBroker

THING: Final = "town-export"


class KeysOfIds(MongoSettings, OpeningSettings):
    """The router's keys, by which ids of citizens, addresses and conversations are made."""

    registry_key: SecretKey
    sector_key: SecretKey
    thread_key: SecretKey

    def prints(self) -> dict[str, str]:
        """Return what shows which keys these are."""
        named = {"REGISTRY": self.registry_key, "SECTOR": self.sector_key, "THREAD": self.thread_key}
        return fingerprints({name: key.get_secret_value() for name, key in named.items()})

    def claims(self) -> ClaimSealing:
        """Return what opens the claims of threads."""
        return ClaimSealing(self.thread_key.get_secret_value(), self.registry_key.get_secret_value())

    def vault_in(self, database: Database) -> MongoVault:
        """Return the vault that lies in a database."""
        return MongoVault(VaultKeys(database, by_command=True), RootKeyFile(self.root_key_file), now=operators_now)


class ExportSettings(KeysOfIds, ObjectSettings, TownSettings):
    """What a whole town is read with."""


class OrderSettings(MongoSettings, SigningSettings, VerifyingSettings, TownSettings):
    """What a request is signed and verified with."""


@asynccontextmanager
async def audited(settings: MongoSettings, act: Act, order_id: str, *people: str) -> AsyncIterator[None]:
    """Note an act durably before it is done. Raises TransientError, and then nothing is done."""
    with closing(connect(settings)) as database:
        await note(database, act, order_id, *people)
        yield


async def note(database: Database, act: Act, order_id: str, *people: str) -> None:
    """Note an act in the audit trail."""
    entry = AuditEntry(at=operators_now(), agent=operator(), act=act, thing=THING, things=(order_id, *people))
    await MongoAuditTrail(database).record(entry)


async def export(order: Order, path: Path, settings: ExportSettings, beside: OnTheBroker) -> End:
    """Write the file. beside: what is not in it. Raises TransientError, PermanentError, SettingsError."""
    recipient = recipient_of(order.asked.recipient)
    with closing(connect(settings)) as database, closing(connect_vault(settings)) as vault_database:
        await require_migrated(database)
        ledger = MongoErasureLedger(vault_database)
        await _refuse_open_erasures(ledger)
        with writing(path, recipient) as archive:
            await note(database, Act.EXPORTED, order.asked.order_id, order.asked.person, order.approved.person)
            end = await _write(archive, order, settings, database, settings.vault_in(vault_database))
            end = end.model_copy(update=asdict(beside))
            await _certificates(archive, ledger)
            await _refuse_open_erasures(ledger)  # asked for meanwhile: its person would be in it
            archive.add(LAST, end.model_dump_json(indent=2).encode())
    return end


async def _refuse_open_erasures(ledger: MongoErasureLedger) -> None:
    if unfinished := await ledger.unfinished():
        raise PermanentError(
            f"Erasure {unfinished[0].request_id} is not finished. An export would carry away who is being erased: wait "
            "for its certificate, or cancel it, and export again."
        )


async def _write(archive: Archive, order: Order, settings: ExportSettings, database: Database, vault: KeyOpener) -> End:
    town, progress, now = load_town(settings.town), Progress(), operators_now()
    at = now.replace(microsecond=now.microsecond // 1000 * 1000)  # as MongoDB keeps it
    manifest = Manifest(
        town=town.name,
        version=current_version(),
        migration=MIGRATIONS[-1].number,
        taken_at=at,
        order_id=order.asked.order_id,
        person=order.asked.person,
        approved_by=order.approved.person,
        departments=tuple(sorted(town.departments)),
        keys=settings.prints(),
    )
    archive.add(FIRST, manifest.model_dump_json(indent=2).encode())
    for name, text in schemas():
        archive.add(f"schema/{name}.json", text.encode())
    for file in town_files(settings.town):
        archive.add(file.name, file.content)
    async with one_moment(database) as session:
        walk = Walk(
            snapshot=Snapshot(database, session),
            keys=vault,
            objects=ObstoreObjects(settings.objects_url),
            at_rest=AtRest(settings.claims(), at),
            town=town,
            sector_key=settings.sector_key.get_secret_value(),
            archive=archive,
            beat=progress.beat,
        )
        end = await walk.run()
    progress.end()
    return end


async def _certificates(archive: Archive, ledger: MongoErasureLedger) -> None:
    """Write the proofs of erasures: there is nobody in them."""
    found = [entry.certificate for entry in await ledger.all() if entry.certificate is not None]
    if found:
        lines = b"".join(each.model_dump_json().encode() + b"\n" for each in found)
        archive.add("certificates/000001.jsonl", lines)
