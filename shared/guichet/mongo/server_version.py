"""No service starts on a MongoDB server with known holes: it asks for the version before it reads anything.

An adapter that starts while MongoDB is away does not ask: citizens' messages are taken in all the same.
"""

from collections.abc import Sequence

import structlog

from guichet.errors import SettingsError
from guichet.mongo.client import Database, closing, connect, connect_vault, translate_errors
from guichet.mongo.patched_servers import is_patched, least_versions
from guichet.runtime.settings import MongoSettings, VaultSettings

VARIABLE = "GUICHET_MONGODB_OLD_SERVER"

log = structlog.get_logger()


async def require_patched_servers(*stores: MongoSettings | VaultSettings) -> None:
    """Return if every server that these lead to is patched, or the operator takes responsibility for it.

    Raises SettingsError with the remedy; TransientError while one is away.
    """
    accepted = any(each.mongodb_old_server == "accepted" for each in stores)
    for database in _servers(stores):
        with closing(database):
            version = await _version(database)
        if is_patched(version):
            continue
        if not accepted:
            raise SettingsError(refusal(version))
        log.warning("an unpatched MongoDB server is accepted", version=version, variable=VARIABLE)


def refusal(version: str) -> str:
    """Return what an operator is told. Pure."""
    return (
        f"This MongoDB server is version {version}, which has known holes or is mended no more. Upgrade it to one of "
        f'{least_versions()} or later (docs/operations.md, "Your own Kafka and MongoDB"). {VARIABLE}=accepted starts '
        "Guichet all the same: only where nobody else reaches that server."
    )


def _servers(stores: Sequence[MongoSettings | VaultSettings]) -> list[Database]:
    """Connect to each server once: the vault's is the other one where it has no address of its own."""
    servers = [connect(each) for each in stores if isinstance(each, MongoSettings)]
    vaults = [each for each in stores if isinstance(each, VaultSettings)]
    return servers + [connect_vault(each) for each in vaults if not servers or each.vault_mongodb_uri is not None]


@translate_errors
async def _version(database: Database) -> str:
    return str((await database.command("buildInfo"))["version"])
