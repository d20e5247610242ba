"""`guichet prepare`: everything that must be there before a service starts. Repeating it changes nothing."""

import asyncio

from guichet.mongo.server_version import require_patched_servers
from guichet.runtime.settings import MongoSettings, VaultSettings, read_settings
from guichet_cli.agents.command import record_rights_of_the_town
from guichet_cli.console.command import run
from guichet_cli.migrate.command import migrate_store
from guichet_cli.store.command import make_users_where_there_are_any, prepare_collections
from guichet_cli.topics.command import Replication, create_all, give_rights_where_there_are_any
from guichet_cli.vault.command import initialise


def prepare(replication: Replication = 1) -> None:
    """Prepare all that services need; to run at each deployment.

    It does `vault init`, `store users|prepare`, `topics create|rights`, then `migrate` and `agents rights`.
    """
    run(lambda: _prepare(replication))


async def _prepare(replication: int) -> None:
    await asyncio.gather(_prepare_store(), create_all(replication), give_rights_where_there_are_any())
    await migrate_store()
    await record_rights_of_the_town()


async def _prepare_store() -> None:
    await make_users_where_there_are_any()  # first: who prepares is one of them
    await require_patched_servers(read_settings(MongoSettings), read_settings(VaultSettings))
    await asyncio.gather(initialise(), prepare_collections())
