"""No service starts on a MongoDB server with known holes: it asks for the version before it reads anything.

An adapter that starts while MongoDB is away does not ask: citizens' messages are taken in all the same.

Which are known to be sound: of a series that is still mended, from a patch that closed known holes. Raise a line when
MongoDB mends something that reaches us; take one out when its series ends.
Patches: https://www.mongodb.com/docs/manual/release-notes/, https://www.mongodb.com/resources/products/alerts
Ends of series: https://www.mongodb.com/legal/support-policy/lifecycles
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import structlog

from guichet.errors import SettingsError
from guichet.mongo.client import Database, closing, connect, connect_vault, translate_errors
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


LEAST_PATCH: Final[Mapping[tuple[int, int], int]] = {
    # CVE-2026-9740: who has not signed in stops the server. CVE-2026-6914 since 7.0.32 and 8.0.21; CVE-2025-14847 (who
    # has not signed in reads its memory) since 7.0.28 and 8.0.17. 8.2 ended in July 2026, 6.0 and older before.
    (7, 0): 35,  # ends August 2027
    (8, 0): 24,  # ends October 2029
    (8, 3): 3,
}
_VERSION: Final = re.compile(r"(\d+)\.(\d+)\.(\d+)(?=$|-)")


def is_patched(version: str) -> bool:
    """Say whether a server of this version is taken: from its series' least patch on, and any series that came later.

    version: as `buildInfo` tells it, e.g. "8.0.24" or "8.0.24-ent". What is no version is not taken.
    """
    read = _VERSION.match(version)
    if read is None:
        return False
    major, minor, patch = map(int, read.groups())
    least = LEAST_PATCH.get((major, minor))
    return patch >= least if least is not None else (major, minor) > max(LEAST_PATCH)


def least_versions() -> str:
    """Return the lowest versions that are taken, as an operator reads them."""
    return ", ".join(f"{major}.{minor}.{patch}" for (major, minor), patch in LEAST_PATCH.items())
