"""The ledger as it stood before an upgrade, for the version before: a migration may have given it another form."""

from collections.abc import Iterable, Mapping
from typing import Any

from pymongo import ReplaceOne

from guichet.errors import PermanentError
from guichet.mongo.client import Database, translate_errors
from guichet.vault.erasure_ledger.ledger import COLLECTION


@translate_errors
async def put_ledger_back(vault: Database, entries: Iterable[Mapping[str, Any]]) -> None:
    """Put each entry in place of its later form. Raises TransientError.

    Raises PermanentError where an erasure was asked for since: the earlier version would not know of it.
    """
    before = {each["_id"]: {**each} for each in entries}
    async for entry in vault[COLLECTION].find({}, {"_id": 1}):
        if entry["_id"] not in before:
            raise PermanentError(
                f"Erasure {entry['_id']} was asked for since this backup was made: going back would bring that person"
                " back. Stay with this version."
            )
    if before:
        await vault[COLLECTION].bulk_write([ReplaceOne({"_id": name}, entry) for name, entry in before.items()])
