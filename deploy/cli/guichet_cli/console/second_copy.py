"""What a command says that made keys while the vault's second copy took nothing new (docs/decisions/0052)."""

from typing import Final

import typer

from guichet.mongo.client import Database
from guichet.vault.copy.record import CopyRecord

_NOT_COPIED: Final = (
    "The vault's second copy does not hold yet what was entered: lost now, the vault would take it along. Start "
    "gdpr-worker; `guichet vault copy` says when the copy is kept again."
)


async def say_what_is_not_copied(vault_database: Database) -> None:
    """Say so where a copy is kept, but takes nothing new just now. Raises TransientError."""
    state = await CopyRecord(vault_database).state()
    if state is not None and not state["alive"]:
        typer.echo(_NOT_COPIED, err=True)
