"""The vault's database (`guichet_vault`), in no backup of the data: wrapped keys, and nothing that opens by itself.

keys          a data key each; a destroyed one leaves its id and the date: no late insertion revives it. `awaits_turn`
              stands beside them until a rotation has ended what old copies hold (guichet.vault.rotation.documents).
              Every adapter may insert here, third parties' hosts among them: what is no key counts for none
bucket_keys   1,024 of them, and a second generation of some while a rotation is under way
sealing_keys  the public half that adapters read         opening_keys  its private half, under the root key
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from pymongo import DESCENDING, IndexModel, UpdateOne

from guichet.contracts.base import Contract
from guichet.errors import TransientError
from guichet.ids import KeyId, is_id
from guichet.mongo.bulk import find_all, insert_new
from guichet.mongo.client import Database, translate_errors
from guichet.privacy.coarse_times import day_of
from guichet.privacy.data_map.entry import SECURITY, Belonging, Bond, DataMapEntry, Erasure, Form, PersonalField
from guichet.privacy.data_map.retention import Executor, ForGood, Owner, Phrase, Retention, Until, WithIts
from guichet.runtime.telemetry.tampering_alarm import note_tampering
from guichet.vault.keys.documents import WRAPPED_KEY, BucketKey, OpeningKey, SealingKey, WrappedKey
from guichet.vault.keys.second_copy import SecondCopy

KEYS = "keys"
BUCKET_KEYS = "bucket_keys"
SEALING_KEYS = "sealing_keys"
OPENING_KEYS = "opening_keys"

LAST_DESTROYED = "last-destroyed"  # a mark among the keys: when that was
RESTORING = "restoring"  # while data is being restored: a mark among the keys, and one among the buckets' that proves

INDEXES: dict[str, list[IndexModel]] = {  # a bucket is a range of `_id`, so that openers' insertions keep one index
    KEYS: [
        IndexModel([("awaits_turn", 1)], name="awaiting_a_turn", sparse=True),
        IndexModel([("generation", 1)], name="parcelled", partialFilterExpression={"form": "hpke"}),
    ],
    BUCKET_KEYS: [IndexModel([("bucket", 1), ("generation", DESCENDING)], name="by_bucket")],
    SEALING_KEYS: [],
    OPENING_KEYS: [],
}

_NEXT_TURN: Retention = (
    Until(event=Phrase("the next rotation of the vault", "le coffre soit renouvelé"), by=Executor.ROTATION),
)
_NEXT_TURN_OF_THE_BUCKET: Retention = (
    Until(event=Phrase("the next rotation of the bucket", "son lot de clés soit renouvelé"), by=Executor.ROTATION),
)


def _entry(name: str, purpose: str, retention: Retention, *fields: PersonalField) -> DataMapEntry:
    return DataMapEntry(
        place="vault-collection",
        name=name,
        purpose=purpose,
        legal_basis=SECURITY,
        whose="whoever the sealed things are about",
        retention=retention,
        on_erasure=Erasure.KEY_DESTROYED if fields else Erasure.NOT_CONCERNED,
        fields=fields,
        belongs=(Belonging(Bond.KEY, "_id"),) if fields else (),
    )


DATA_MAP: tuple[DataMapEntry, ...] = (
    _entry(
        KEYS,
        "hold the key of each thing that can be erased alone",
        (
            WithIts(owner=Owner.SEALED),
            ForGood(
                what=Phrase("a destroyed key's id and day", "le numéro et le jour d’une clé détruite"),
                why=Phrase("it must not come back", "elle ne doit pas revenir"),
            ),
            ForGood(  # docs/decisions/0038
                what=Phrase("a key that was made ahead and never used", "une clé préparée et jamais utilisée"),
                why=Phrase(
                    "it seals nothing, is nobody's, and no use of it can be ruled out",
                    "elle ne scelle rien, n’est à personne, et nul ne peut exclure qu’elle serve",
                ),
            ),
        ),
        PersonalField("wrapped", Form.SEALED, "a key; it tells nothing about a person by itself"),
    ),
    _entry(BUCKET_KEYS, "wrap data keys", _NEXT_TURN_OF_THE_BUCKET),
    _entry(SEALING_KEYS, "let adapters seal", _NEXT_TURN),
    _entry(OPENING_KEYS, "open what adapters sealed", _NEXT_TURN),
)


class VaultKeys:
    """Documents of the vault. Every method raises TransientError while MongoDB is away.

    while_restoring: open keys even while data is being restored, for who restores it. by_command: what an operator's
    command makes waits for the vault's second copy only where that is kept just now.
    """

    def __init__(self, database: Database, *, while_restoring: bool = False, by_command: bool = False) -> None:
        self._while_restoring = while_restoring
        self._keys = database[KEYS]
        self._buckets = database[BUCKET_KEYS]
        self._sealing = database[SEALING_KEYS]
        self._opening = database[OPENING_KEYS]
        copy = SecondCopy(database)
        self._durable = copy.durable_if_kept if by_command else copy.durable
        self._copied = copy.durable_if_kept if by_command or while_restoring else copy.copied

    @translate_errors
    async def insert_keys(self, keys: Sequence[WrappedKey]) -> None:
        """Return once every key is durable, in the vault and in its second copy where it has one."""
        if not keys:
            return
        documents = [_document(key) for key in keys]

        async def insert(session: Any) -> None:
            await self._keys.insert_many(documents, ordered=False, session=session)

        await self._durable(insert)

    @translate_errors
    async def living_keys(self, key_ids: Iterable[KeyId]) -> tuple[list[WrappedKey], set[KeyId]]:
        """Return the living keys among these, and the ids of those that were destroyed.

        Raises TransientError while data is being restored, too.
        """
        found = await find_all(self._keys, {"_id": {"$in": [RESTORING, *filter(is_id, key_ids)]}})
        if any(document["_id"] == RESTORING for document in found):
            await self._refuse_while_restoring()
            found = [document for document in found if document["_id"] != RESTORING]
        destroyed = {KeyId(document["_id"]) for document in found if "destroyed_at" in document}
        living = (_wrapped(document) for document in found if document["_id"] not in destroyed)
        return [key for key in living if key is not None], destroyed

    async def _refuse_while_restoring(self) -> None:
        """Any adapter may insert among the keys. Among the buckets' keys only who restores lays the mark down."""
        if self._while_restoring or await self._buckets.find_one({"_id": RESTORING}) is None:
            return
        raise TransientError("data is being restored: wait for `guichet restore data`, or run it again")

    @translate_errors
    async def destroy_keys(self, key_ids: Iterable[KeyId], at: datetime) -> None:
        """Put id and day in each key's place, to await a rotation; the first day stays, and a rotation that was done.
        Return once the vault's second copy holds it, too: else the key would come back with that.

        When a key was last destroyed is known exactly, in one place: an older vault must not come back unseen.
        """
        doomed = set(filter(is_id, key_ids))
        updates = [UpdateOne({"_id": key_id}, _destroyed(day_of(at)), upsert=True) for key_id in doomed]
        if not updates:
            return

        async def destroy(session: Any) -> None:
            last = {"$max": {"at": at}}
            await self._keys.update_one({"_id": LAST_DESTROYED}, last, upsert=True, session=session)
            await self._keys.bulk_write(updates, ordered=False, session=session)

        await self._copied(destroy)

    @translate_errors
    async def sealing_key(self) -> SealingKey:
        """Return the public half in use. Raises TransientError while the vault has none."""
        found = await self._sealing.find_one({}, sort=[("_id", DESCENDING)])
        if found is None:
            raise TransientError("the vault is not initialised: run `guichet vault init`")
        return SealingKey.model_validate(found)

    @translate_errors
    async def opening_keys(self, generations: Iterable[int]) -> list[OpeningKey]:
        """Return the private halves of these generations."""
        found = await self._opening.find({"_id": {"$in": [*generations]}}).to_list(None)
        return [OpeningKey.model_validate(document) for document in found]

    @translate_errors
    async def bucket_keys(self, ids: Iterable[str]) -> list[BucketKey]:
        """Return the bucket keys of these ids."""
        found = await find_all(self._buckets, {"_id": {"$in": [*ids]}})
        return [BucketKey.model_validate(document) for document in found]

    @translate_errors
    async def bucket_keys_in_use(self, buckets: Iterable[int]) -> dict[int, BucketKey]:
        """Return the newest bucket key of each of these buckets."""
        query = {"bucket": {"$in": [*buckets]}}
        found = [BucketKey.model_validate(document) for document in await self._buckets.find(query).to_list(None)]
        return {key.bucket: key for key in sorted(found, key=lambda key: key.generation)}

    @translate_errors
    async def newest_opening_key(self) -> OpeningKey | None:
        """Return the newest private half, or None where the vault was never initialised."""
        found = await self._opening.find_one({}, sort=[("_id", DESCENDING)])
        return None if found is None else OpeningKey.model_validate(found)

    @translate_errors
    async def add_opening_key(self, key: OpeningKey) -> OpeningKey:
        """Insert a private half, and return the one that is there: ours, or that of whoever was faster."""
        await insert_new(self._opening, [_document(key)])
        return OpeningKey.model_validate(await self._opening.find_one({"_id": key.generation}))

    @translate_errors
    async def add_sealing_key(self, key: SealingKey) -> None:
        """Insert a public half unless it is there."""
        await insert_new(self._sealing, [_document(key)])

    @translate_errors
    async def add_bucket_keys(self, keys: Sequence[BucketKey]) -> None:
        """Insert those that are not there."""
        await insert_new(self._buckets, [*map(_document, keys)])


def _wrapped(document: dict[str, Any]) -> WrappedKey | None:
    """Read a key; None, and an alarm, for what somebody inserted that is none: then the vault never held that key."""
    try:
        return WRAPPED_KEY.validate_python(document)
    except ValidationError:
        note_tampering("key", f"what lies in the vault under {document['_id']} is no key")
        return None


def _destroyed(at: datetime) -> list[dict[str, Any]]:
    again = {"$gt": ["$destroyed_at", None]}  # true when the field is there
    left = {"_id": "$_id", "destroyed_at": {"$ifNull": ["$destroyed_at", at]}}
    return [{"$replaceWith": {**left, "awaits_turn": {"$cond": [again, {"$ifNull": ["$awaits_turn", "$$REMOVE"]}, 0]}}}]


def _document(model: Contract) -> dict[str, Any]:
    return model.model_dump(by_alias=True)
