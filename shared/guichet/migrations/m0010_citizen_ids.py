"""Citizens' ids that nobody can compute, in place of those that could be verified by guessing (docs/decisions/0013).

A provisional citizen's id was a plain hash of their first message's id, a registered one's of their addresses, name and
year of birth. The new one is an HMAC under the ledger's key, which only gdpr-worker and the operator have: the same at
every try, so that a kill does no harm, and the same when a backup of before is restored, so that the ledger knows who
was erased. It is longer than the ids of before (34 hex digits, not 32), by which the two are told apart.

With the registry's id the sectors' own ids change, in cases and messages. A citizen goes last: as long as they are
there under the old id, their batch is done again.
"""

import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo import UpdateOne

from guichet.contracts.base import Sealed
from guichet.errors import TamperedError
from guichet.ids import CitizenId, KeyId, SectorId
from guichet.migrations.context import Document, MigrationContext, Steps
from guichet.mongo.bulk import insert_new
from guichet.privacy.framed_bytes import framed
from guichet.privacy.pseudonyms import sector_citizen_id
from guichet.store.documents import MongoDocumentFinder
from guichet.store.registry.citizens import RECORD
from guichet.vault.fields import BYTES, SealedField
from guichet.vault.sealing import DataKey

OLD_LENGTH: Final = 32
NEW_BYTES: Final = 17
BATCH: Final = 200  # times a town's sectors, all in one query
_RECORD: Final = SealedField(
    RECORD.kind, RECORD.name, BYTES, RECORD.holds
)  # as it lies, whatever a version wrote into it

NewId = Callable[[str], CitizenId]
_HAS_OLD_ID: Final = {"$expr": {"$eq": [{"$strLenBytes": "$_id"}, OLD_LENGTH]}}


async def run(context: MigrationContext, steps: Steps) -> None:
    """Give every citizen their new id, wherever an id of theirs stands. Raises TransientError."""
    new_id = new_id_of(context)
    await _addresses(context, steps, new_id)
    citizens = context.database["citizens"]
    sectors = {*context.town.sectors, *await MongoDocumentFinder(context.database).distinct("cases", "sector")}
    async for batch in steps.batches("citizens", citizens, _HAS_OLD_ID, size=BATCH):
        renamed = _in_sectors(batch, [SectorId(sector) for sector in sectors], context, new_id)
        await _rename(context.database["cases"], renamed, ("citizen", "candidates"))
        await _rename(context.database["messages"], renamed, ("citizen",))
        keys = await context.vault.open_keys({KeyId(each["record"]["key_id"]) for each in batch})
        await insert_new(citizens, [_renamed_citizen(each, keys, new_id) for each in batch])
        await citizens.delete_many({"_id": {"$in": [each["_id"] for each in batch]}})


def new_id_of(context: MigrationContext) -> NewId:
    """Return what gives an id of before its new one, and leaves a new one as it is."""
    return partial(renamed_citizen_id, context.settings.ledger_key.get_secret_value())


def renamed_citizen_id(ledger_key: bytes, citizen: str) -> CitizenId:
    """Return the new id. Pure."""
    if len(citizen) != OLD_LENGTH:
        return CitizenId(citizen)
    return CitizenId(hmac.digest(ledger_key, framed("renamed-citizen", citizen), "sha256")[:NEW_BYTES].hex())


async def _addresses(context: MigrationContext, steps: Steps, new_id: NewId) -> None:
    identifiers = context.database["identifiers"]
    async for batch in steps.batches("identifiers", identifiers):
        changes = [
            UpdateOne({"_id": each["_id"]}, {"$set": {"holders": holders}})
            for each in batch
            if (holders := _renamed_holders(each["holders"], new_id)) != each["holders"]
        ]
        if changes:
            await identifiers.bulk_write(changes, ordered=False)


def _renamed_holders(holders: Iterable[Mapping[str, Any]], new_id: NewId) -> list[Document]:
    return [{**holder, "citizen_id": new_id(holder["citizen_id"])} for holder in holders]


def _in_sectors(
    citizens: Iterable[Document], sectors: Sequence[SectorId], context: MigrationContext, new_id: NewId
) -> dict[str, str]:
    """Return every sector's own id of these citizens before → after."""
    key = context.settings.sector_key.get_secret_value()
    known = {CitizenId(name) for each in citizens for name in (each["_id"], *each.get("formerly", ()))}
    return {
        sector_citizen_id(key, sector, name): sector_citizen_id(key, sector, new_id(name))
        for sector in sectors
        for name in known
        if new_id(name) != name
    }


async def _rename(
    collection: AsyncIOMotorCollection[Document], renamed: Mapping[str, str], fields: Sequence[str]
) -> None:
    theirs = {"$or": [{field: {"$in": [*renamed]}} for field in fields]}
    found = await collection.find(theirs, dict.fromkeys(fields, 1)).to_list(None)
    changes = [UpdateOne({"_id": each["_id"]}, {"$set": _renamed_fields(each, renamed, fields)}) for each in found]
    if changes:
        await collection.bulk_write(changes, ordered=False)


def _renamed_fields(document: Document, renamed: Mapping[str, str], fields: Sequence[str]) -> Document:
    return {field: _renamed(document[field], renamed) for field in fields if document.get(field)}


def _renamed(value: Any, renamed: Mapping[str, str]) -> Any:
    return [renamed.get(each, each) for each in value] if isinstance(value, list) else renamed.get(value, value)


def _renamed_citizen(citizen: Document, keys: Mapping[KeyId, DataKey], new_id: NewId) -> Document:
    """Return the citizen under the new id. The record is bound to it: sealed again; one whose key is gone is noise.

    Raises KeyMissingError where the vault never held its key: the migration ends. Under the new id the record would
    open no more, not even once the vault that holds the key is back.
    """
    named = {**citizen, "_id": new_id(citizen["_id"])}
    if citizen.get("formerly"):
        named["formerly"] = [new_id(each) for each in citizen["formerly"]]
    key = keys.get(KeyId(citizen["record"]["key_id"]))
    if key is not None:
        named["record"] = _sealed_again(key, citizen, named["_id"])
    return named


def _sealed_again(key: DataKey, citizen: Document, name: CitizenId) -> Document:
    record: Document = citizen["record"]
    try:
        plain = _RECORD.open(key, citizen["_id"], Sealed.model_validate(record))
    except TamperedError:  # nobody could read it before: it stays as it is, for who looks into it
        return record
    return _RECORD.seal(key, name, plain).model_dump()
