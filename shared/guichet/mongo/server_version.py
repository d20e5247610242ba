"""No service starts on a MongoDB server with known holes: it asks for the version before it reads anything.

An adapter that starts while MongoDB is away does not ask: citizens' messages are taken in all the same.
"""

import structlog

from guichet.errors import SettingsError
from guichet.mongo.client import Database, connect, connect_vault, translate_errors
from guichet.mongo.patched_servers import is_patched, least_versions
from guichet.runtime.settings import MongoSettings, StoreServerSettings, VaultSettings

VARIABLE = "GUICHET_MONGODB_OLD_SERVER"

log = structlog.get_logger()


async def require_patched_servers(settings: StoreServerSettings) -> None:
    """Return if every server that these settings lead to is patched, or the operator takes responsibility for it.

    Raises SettingsError with the remedy; TransientError while one is away.
    """
    for database in _servers(settings):
        try:
            version = await _version(database)
        finally:
            database.client.close()
        if is_patched(version):
            continue
        if settings.mongodb_old_server == "refused":
            raise SettingsError(refusal(version))
        log.warning("an unpatched MongoDB server is accepted", version=version, variable=VARIABLE)


def refusal(version: str) -> str:
    """Return what an operator is told. Pure."""
    return (
        f"This MongoDB server is version {version}, which has known holes or is mended no more. Upgrade it to one of "
        f'{least_versions()} or later (docs/operations.md, "Your own Kafka and MongoDB"). {VARIABLE}=accepted starts '
        "Guichet all the same: only where nobody else reaches that server."
    )


def _servers(settings: StoreServerSettings) -> list[Database]:
    """Connect to each server once."""
    servers = [connect(settings)] if isinstance(settings, MongoSettings) else []
    apart = not servers or (isinstance(settings, VaultSettings) and settings.vault_mongodb_uri is not None)
    return [*servers, connect_vault(settings)] if isinstance(settings, VaultSettings) and apart else servers


@translate_errors
async def _version(database: Database) -> str:
    return str((await database.command("buildInfo"))["version"])
