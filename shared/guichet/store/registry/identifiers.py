"""The registry's addresses: pseudonym of an e-mail address, phone or Telegram id → who can be reached there.

It is a lock, as `threads` and `abuse_declarations` are: an identifier is inserted before its citizen, so that two first
messages from one address make one citizen. What is changed later is written on condition of the version that was read.
"""

from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from pydantic import AwareDatetime, Field
from pymongo import ASCENDING, IndexModel, UpdateOne

from guichet.contracts.base import Contract, Sealed
from guichet.contracts.inbound_content import IdentifierKind
from guichet.ids import CitizenId, IdentifierId, KeyId
from guichet.mongo.bulk import find_all, insert_new
from guichet.mongo.client import Database, translate_errors
from guichet.privacy.data_map.entry import PUBLIC_TASK, Belonging, Bond, DataMapEntry, Erasure, Form, PersonalField
from guichet.privacy.data_map.retention import Owner, WithIts
from guichet.vault.fields import TEXT, SealedField

VALUE: Final = SealedField("identifier", "value", TEXT, holds="the address")

COLLECTION = "identifiers"
INDEXES: dict[str, list[IndexModel]] = {
    COLLECTION: [IndexModel([("holders.citizen_id", ASCENDING)], name="by_citizen")],
}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="recognise a citizen on every channel",
        legal_basis=PUBLIC_TASK,
        whose="citizens known to the town",
        retention=(WithIts(owner=Owner.CITIZEN),),
        on_erasure=Erasure.DELETED,
        fields=(
            PersonalField("_id", Form.PSEUDONYM, "HMAC of the normalised address"),
            VALUE.at("value"),
            PersonalField("holders.citizen_id", Form.PSEUDONYM, "the registry's id of a citizen"),
        ),
        belongs=(Belonging(Bond.CITIZEN, "holders.citizen_id", shared=True),),
        documents=Bond.IDENTIFIER,
        left_keys=("left_keys",),
    ),
)


class Holder(Contract):
    """Someone who is reached at an address. provenance: where the town has it from; verified: proven to be theirs.

    vouched: a mail server or provider has vouched for a message of theirs from there; until then nobody but what was
    written from there knows them. named: such a message said a name. confirmed: an agent has recognised them there,
    also where nobody vouches (docs/decisions/0019).
    """

    citizen_id: CitizenId
    provenance: str
    verified: bool = False
    vouched: bool = False
    named: bool = False
    confirmed: bool = False
    since: AwareDatetime


class IdentifierDocument(Contract):
    """An address. `value`: sealed for ("identifier", identifier_id), field "value". `shared`: a family's.

    left_keys: what the address was sealed under before a newcomer took it over from those being erased.
    """

    identifier_id: IdentifierId = Field(alias="_id")
    kind: IdentifierKind
    holders: tuple[Holder, ...]
    shared: bool = False
    value: Sealed
    left_keys: tuple[KeyId, ...] = ()
    version: int = 1


def proven_holder(identifier: IdentifierDocument) -> CitizenId | None:
    """Return whose an address is, nobody else's, and proven so: by the town, or by a message that came from there."""
    if identifier.shared or len(identifier.holders) != 1:
        return None
    [holder] = identifier.holders
    return holder.citizen_id if holder.verified or holder.vouched else None


class IdentifierStore(Protocol):
    """Addresses. Every method raises TransientError."""

    async def find_many(self, identifiers: Iterable[IdentifierId]) -> dict[IdentifierId, IdentifierDocument]:
        """Return those that exist."""

    async def insert_new(self, identifiers: Sequence[IdentifierDocument]) -> frozenset[IdentifierId]:
        """Insert addresses; return those that were already there."""

    async def replace_if_unchanged(self, identifiers: Sequence[IdentifierDocument]) -> bool:
        """Write each in place of its version before (`version` - 1); return whether none lost its race."""


class MongoIdentifierStore(IdentifierStore):
    """The addresses in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._identifiers = database[COLLECTION]

    @translate_errors
    async def find_many(self, identifiers: Iterable[IdentifierId]) -> dict[IdentifierId, IdentifierDocument]:
        found = await find_all(self._identifiers, {"_id": {"$in": [*identifiers]}})
        return {document["_id"]: IdentifierDocument.model_validate(document) for document in found}

    @translate_errors
    async def insert_new(self, identifiers: Sequence[IdentifierDocument]) -> frozenset[IdentifierId]:
        errors = await insert_new(self._identifiers, [each.model_dump(by_alias=True) for each in identifiers])
        return frozenset(identifiers[error["index"]].identifier_id for error in errors)

    @translate_errors
    async def replace_if_unchanged(self, identifiers: Sequence[IdentifierDocument]) -> bool:
        if not identifiers:
            return True
        result = await self._identifiers.bulk_write([_replacement(each) for each in identifiers], ordered=False)
        return result.matched_count == len(identifiers)


def _replacement(identifier: IdentifierDocument) -> UpdateOne:
    fields = identifier.model_dump(exclude={"identifier_id"})
    return UpdateOne({"_id": identifier.identifier_id, "version": identifier.version - 1}, {"$set": fields})
