"""The ledger of erasures: how far each is, and its certificate.

It lies in the vault's database and not with the data, so that no restore of the data loses it; it is applied again
after one. Of the services gdpr-worker alone writes and reads it; beside it the `guichet` command.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from pymongo import ASCENDING, IndexModel

from guichet.ids import CitizenId, EventId
from guichet.mongo.bulk import insert_new
from guichet.mongo.client import Database, translate_errors
from guichet.privacy.data_map.entry import LEGAL_OBLIGATION, DataMapEntry, Erasure, Form, PersonalField
from guichet.privacy.data_map.retention import Executor, Phrase, Until
from guichet.vault.erasure_ledger.entry import ErasureEntry
from guichet.vault.keys.second_copy import SecondCopy

COLLECTION = "erasures"
INDEXES: dict[str, list[IndexModel]] = {
    COLLECTION: [
        IndexModel([("citizen", ASCENDING), ("requested_at", ASCENDING)], name="by_citizen"),
        IndexModel([("tags", ASCENDING)], name="by_tag"),
        IndexModel([("requested_at", ASCENDING)], name="unfinished", partialFilterExpression={"finished": False}),
    ]
}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="vault-collection",
        name=COLLECTION,
        purpose="carry out and prove erasures, and apply them again after a restore",
        legal_basis=LEGAL_OBLIGATION + "; art. 17, art. 5(2)",
        whose="citizens who are erased, operators who asked for it",
        retention=(
            Until(
                event=Phrase(
                    "no backup from before the erasure may be restored any more; the DPO files the certificate",
                    "aucune sauvegarde d’avant l’effacement ne puisse être restaurée ; le DPO classe le certificat",
                ),
                by=Executor.NOBODY_YET,
            ),
        ),
        on_erasure=Erasure.NOT_CONCERNED,  # the certificate leaves nothing in it that leads to anybody
        fields=(
            PersonalField("citizen", Form.PSEUDONYM, "the registry's id of who is to be erased, until it is certified"),
            PersonalField("citizens", Form.PSEUDONYM, "further ids of the person, until the erasure is certified"),
            PersonalField("tags", Form.PSEUDONYM, "HMAC of the registry's ids, to know who comes back by a restore"),
            PersonalField("cases.reference", Form.PSEUDONYM, "the person's cases, until the erasure is certified"),
            PersonalField("signed.value", Form.PSEUDONYM, "the request, which names the id, until it is certified"),
            PersonalField("noted.addresses", Form.PSEUDONYM, "the person's addresses, until the erasure is certified"),
            PersonalField("requested_by", Form.PSEUDONYM, "the operator's or agent's id"),
            PersonalField("certificate.requested_by", Form.PSEUDONYM, "the operator's or agent's id"),
        ),
    ),
)


class ErasureLedger(Protocol):
    """Erasures. Every method raises TransientError."""

    async def add(self, entry: ErasureEntry) -> None:
        """Keep a new erasure; one that is known stays as it is."""

    async def find(self, request_id: EventId) -> ErasureEntry | None:
        """Return one, or None."""

    async def of_citizen(self, citizen: CitizenId, tag: str) -> Sequence[ErasureEntry]:
        """Return those of a citizen, oldest first. tag: theirs (guichet.privacy.pseudonyms.erased_citizen_tag)."""

    async def all(self) -> Sequence[ErasureEntry]:
        """Return every one, oldest first."""

    async def unfinished(self) -> Sequence[ErasureEntry]:
        """Return those that are not finished, oldest first."""

    async def replace_if_unchanged(self, entry: ErasureEntry) -> bool:
        """Write an entry in place of its version before (`version` - 1); False: somebody else was faster."""


class MongoErasureLedger(ErasureLedger):
    """The ledger in MongoDB, in the vault's database."""

    def __init__(self, vault_database: Database) -> None:
        self._erasures = vault_database[COLLECTION]
        self._copy = SecondCopy(vault_database)

    @translate_errors
    async def add(self, entry: ErasureEntry) -> None:
        """An erasure that was asked for is in the vault's second copy before anybody is told that it is recorded."""

        async def insert(session: Any) -> None:
            if await insert_new(self._erasures, [entry.model_dump(by_alias=True)], session):
                await self._copy.ask(session)

        await self._copy.durable(insert)

    @translate_errors
    async def find(self, request_id: EventId) -> ErasureEntry | None:
        document = await self._erasures.find_one({"_id": request_id})
        return None if document is None else ErasureEntry.model_validate(document)

    @translate_errors
    async def of_citizen(self, citizen: CitizenId, tag: str) -> Sequence[ErasureEntry]:
        return _oldest_first(
            [each async for each in self._erasures.find({"$or": [{"citizen": citizen}, {"tags": tag}]})]
        )

    @translate_errors
    async def all(self) -> Sequence[ErasureEntry]:
        return _oldest_first([document async for document in self._erasures.find()])

    @translate_errors
    async def unfinished(self) -> Sequence[ErasureEntry]:
        found = self._erasures.find({"finished": False}).sort("requested_at", ASCENDING)  # which its index is for
        return _oldest_first([document async for document in found])

    @translate_errors
    async def replace_if_unchanged(self, entry: ErasureEntry) -> bool:
        before = {"_id": entry.request_id, "version": entry.version - 1}
        result = await self._erasures.replace_one(before, entry.model_dump(by_alias=True))
        return result.matched_count == 1


def _oldest_first(documents: Iterable[dict[str, Any]]) -> list[ErasureEntry]:
    entries = map(ErasureEntry.model_validate, documents)
    return sorted(entries, key=lambda entry: (entry.requested_at, entry.request_id))
