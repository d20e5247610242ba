"""What the search files of a running stack hold, as whoever has the living vault reads them."""

from typing import Any

from guichet.clock import SystemClock
from guichet.runtime.settings import OpeningSettings
from guichet.search_files.connection import open_to_read
from guichet.search_files.errors import FileGoneError
from guichet.search_files.folder import SearchFolder
from guichet.store.setup.roles import VAULT
from guichet.vault.mongo_vault import open_vault
from guichet_local.stack import LocalStack

TERMS = "CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, words, row)"


def folder_of(stack: LocalStack) -> SearchFolder:
    """Return where they lie."""
    return SearchFolder(stack.folder / "search")


async def read_search_files(stack: LocalStack, statement: str, first: str = "") -> list[tuple[Any, ...]]:
    """Return what a statement finds in every file that counts. first: what makes it possible, such as TERMS.

    Raises TransientError while one is being made or swapped.
    """
    settings = OpeningSettings(
        mongodb_uri=stack.mongodb_admin_uri,
        vault_database=VAULT,
        root_key_file=stack.folder / "secrets" / "root.key",
    )
    vault, folder = open_vault(settings, SystemClock().now), folder_of(stack)
    found = list[tuple[Any, ...]]()
    for sector in sorted({name.sector for name in folder.names()}):
        newest = folder.newest(sector)
        keys = await vault.open_keys([newest.key_id]) if newest is not None else {}
        if newest is None or newest.key_id not in keys:
            raise FileGoneError(f"{sector}: another file is coming")
        connection = open_to_read(folder.place_of(newest), keys[newest.key_id].secret)
        try:
            connection.execute(first)
            found += connection.execute(statement).fetchall()
        finally:
            connection.close()
    return found
