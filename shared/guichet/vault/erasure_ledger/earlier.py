"""The ledger as it stood before an upgrade, for the version before: a migration may have given it another form."""

from collections.abc import Iterable, Mapping
from typing import Any

from pymongo import ReplaceOne

from guichet.errors import PermanentError
from guichet.mongo.client import Database, translate_errors
from guichet.vault.erasure_ledger.entry import ErasureStep
from guichet.vault.erasure_ledger.ledger import COLLECTION

Document = Mapping[str, Any]


@translate_errors
async def put_ledger_back(vault: Database, entries: Iterable[Document]) -> None:
    """Put each entry in place of its later form. Raises TransientError.

    Raises PermanentError where the earlier version would not know of an erasure: nothing is changed then.
    """
    before = {each["_id"]: {**each} for each in entries}
    async for entry in vault[COLLECTION].find({}, {"reached": 1, "finished": 1}):
        if why := forgotten(entry, before.get(entry["_id"])):
            raise PermanentError(f"Erasure {entry['_id']} {why} Stay with this version.")
    if before:
        await vault[COLLECTION].bulk_write([ReplaceOne({"_id": name}, entry) for name, entry in before.items()])


def forgotten(today: Document, then: Document | None) -> str | None:
    """Return what an earlier version would not know of an erasure, by its entry of then; None where it knows. Pure."""
    if then is None:
        return "was asked for since this backup was made: going back would bring that person back."
    if _took_effect(today) and not _took_effect(then):
        return "was carried out since this backup was made: going back would bring that person back."
    if today.get("finished") and not then.get("finished"):
        return "was ended since this backup was made: going back would begin it again."
    return None


def _took_effect(entry: Document) -> bool:
    """As `ErasureEntry.destroyed_keys`, in whatever form a version wrote it."""
    return ErasureStep.DESTROYED.value in (entry.get("reached") or {})
