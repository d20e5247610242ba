"""Whose messages an agent has declared abusive, for one sector and a set time (docs/decisions/0025).

A document is one mailbox, number or account in one sector, under the sector's key: two sectors' of one sender cannot be
joined. It says what stands, or stood last. It is a lock as well: of two agents who declare at once, one does.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from pydantic import AwareDatetime, Field
from pymongo import ASCENDING, IndexModel, UpdateOne

from guichet.contracts.abuse import AbuseGround
from guichet.contracts.authorship import Proof
from guichet.contracts.base import Contract, Sealed
from guichet.ids import AgentId, CaseId, EventId, SectorId
from guichet.mongo.bulk import find_all, insert_new
from guichet.mongo.client import Database, translate_errors
from guichet.mongo.ended import Ends
from guichet.privacy.data_map.entry import PUBLIC_TASK, Belonging, Bond, DataMapEntry, Erasure, Form, PersonalField
from guichet.privacy.data_map.retention import Expires, Owner, Phrase, WithIts, days
from guichet.store.cases.fields import REASON
from guichet.vault.fields import SealedField, json_of

COLLECTION = "abuse_declarations"
REMEMBERED_FOR = timedelta(days=7)  # after it ended: as long as a command may come late
ENDS = Ends(COLLECTION, "until", REMEMBERED_FOR)
INDEXES: dict[str, list[IndexModel]] = {
    COLLECTION: [
        ENDS.ttl_index(),
        IndexModel([("case_id", ASCENDING)], name="by_case"),
    ]
}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="send no receipt for messages that an agent has declared abusive (CRPA L112-11)",
        legal_basis=PUBLIC_TASK,
        whose="senders whose messages were declared abusive",
        retention=(
            Expires(
                date_field=ENDS.field,
                since=Phrase("it was lifted or lapsed", "sa levée ou son terme"),
                period=days(REMEMBERED_FOR.days),
            ),
            WithIts(what=Phrase("at the longest", "au plus"), owner=Owner.CASE),
        ),
        on_erasure=Erasure.DELETED,
        fields=(
            PersonalField(
                "_id", Form.PSEUDONYM, "HMAC of the sender's mailbox, number or account under the sector's key"
            ),
            PersonalField(
                "case_id",
                Form.PSEUDONYM,
                "the case it was made on; two sectors' declarations on one that was re-routed are of one sender",
            ),
            PersonalField("by", Form.PSEUDONYM, "the agent's id"),
            REASON.at("reason"),
        ),
        belongs=(Belonging(Bond.CASE, "case_id"),),
    ),
)


class AbuseDeclaration(Contract):
    """What an agent decided about a sender. covers: messages vouched for no better than the one it was declared on.

    command_id: the decision that stands, declaring or lifting. reason: a REASON of the case, called reason_field.
    """

    sender: str = Field(alias="_id")
    case_id: CaseId
    command_id: EventId
    by: AgentId
    ground: AbuseGround
    covers: Proof
    declared_at: AwareDatetime
    until: AwareDatetime
    reason: Sealed
    reason_field: str
    version: int = 1

    def stands(self, at: datetime) -> bool:
        """Return whether it is in force at that moment: what came before is not concerned."""
        return self.declared_at <= at < self.until


class NoReceipt(Contract):
    """Why no receipt was sent for a case: sealed in the case, whose sector may change, so that it joins nothing.

    sector: where it was declared.
    """

    sector: SectorId
    by: AgentId
    ground: AbuseGround
    declared_at: AwareDatetime
    until: AwareDatetime
    reason: str = Field(repr=False)


NO_RECEIPT: Final = SealedField(
    "case", "no_receipt", json_of(NoReceipt), holds="who declared the sender's messages abusive, when and why"
)


class AbuseDeclarations(Protocol):
    """Every method raises TransientError."""

    async def find_many(self, senders: Iterable[str]) -> dict[str, AbuseDeclaration]:
        """Return those that exist, in force or not."""

    async def write(self, declarations: Sequence[AbuseDeclaration]) -> bool:
        """Write each in place of its version before (`version` - 1, none of 1); return whether none lost its race."""


class MongoAbuseDeclarations(AbuseDeclarations):
    """The declarations in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._declarations = database[COLLECTION]

    @translate_errors
    async def find_many(self, senders: Iterable[str]) -> dict[str, AbuseDeclaration]:
        found = await find_all(self._declarations, {"_id": {"$in": [*senders]}})
        return {document["_id"]: AbuseDeclaration.model_validate(document) for document in found}

    @translate_errors
    async def write(self, declarations: Sequence[AbuseDeclaration]) -> bool:
        first = [each.model_dump(by_alias=True) for each in declarations if each.version == 1]
        later = [_replacement(each) for each in declarations if each.version > 1]
        errors = await insert_new(self._declarations, first)
        if not later:
            return not errors
        result = await self._declarations.bulk_write(later, ordered=False)
        return not errors and result.matched_count == len(later)


def _replacement(declaration: AbuseDeclaration) -> UpdateOne:
    fields = declaration.model_dump(exclude={"sender"})
    return UpdateOne({"_id": declaration.sender, "version": declaration.version - 1}, {"$set": fields})
