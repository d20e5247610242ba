"""`guichet prepare`: everything that must be there before a service starts. Repeating it changes nothing."""

import asyncio

from guichet_cli.agents_rights import bring_rights_up_to_the_towns_files
from guichet_cli.migrate import migrate_store
from guichet_cli.running import run
from guichet_cli.store import prepare_collections
from guichet_cli.topics import Replication, create_all, give_rights_where_there_are_any
from guichet_cli.vault import initialise


def prepare(replication: Replication = 1) -> None:
    """Do `vault init`, `topics create`, `topics rights`, `store prepare`, then `migrate` and `agents rights`.

    At each deployment.
    """
    run(lambda: _prepare(replication))


async def _prepare(replication: int) -> None:
    await asyncio.gather(
        initialise(), create_all(replication), give_rights_where_there_are_any(), prepare_collections()
    )
    await migrate_store()
    await bring_rights_up_to_the_towns_files()
