"""What a service looks at before it reads anything: whether the store has the form that this version knows."""

from collections.abc import Mapping, Sequence

from guichet.errors import SettingsError
from guichet.mongo.client import Database
from guichet.mongo.server_version import require_patched_servers
from guichet.runtime.settings import MongoSettings, VaultSettings
from guichet.store.setup.migration_records import MigrationRecord, MigrationRecords, unfinished
from guichet.store.setup.migration_table import MIGRATIONS, Migration


async def require_ready_store(database: Database, *servers: MongoSettings | VaultSettings) -> None:
    """Return if the servers are patched and the store has been through what this version knows. Raises as both do."""
    await require_patched_servers(*servers)
    await require_migrated(database)


async def require_migrated(database: Database, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Raise SettingsError unless this store has been through exactly what this version knows. One look-up.

    Raises TransientError.
    """
    records = await MigrationRecords(database).all()
    refuse_newer(records, migrations)
    if pending := unfinished(records, [each.number for each in migrations]):
        raise SettingsError(
            f"This store is older than this version of Guichet: migration {', '.join(map(str, pending))} is missing. "
            "Run `guichet migrate`, then start again."
        )


def refuse_newer(records: Mapping[int, MigrationRecord], migrations: Sequence[Migration]) -> None:
    """Raise SettingsError when a newer version has been here. Pure."""
    known = {each.number for each in migrations}
    if foreign := [f"{number} ({records[number].name})" for number in sorted(records.keys() - known)]:
        raise SettingsError(
            f"This store is newer than this version of Guichet: it has been through migration {', '.join(foreign)}. "
            "There is no way back: run the newer version, or restore a backup from before."
        )
