"""What ties messages into one case: an anchor is the HMAC of a Message-ID, a conversation or a message itself.

It is a lock, as `identifiers` and `abuse_declarations` are. A message claims its anchors, oldest first and its own
last, before its case is written: whoever comes second reads the claims. Several cases may claim one anchor, since
anyone can quote any Message-ID; who may join which of them is decided by the router (docs/decisions/0002). Cases of
several sectors may be among them: what rests of a claim says so to nobody (0014).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Protocol

from pydantic import Field
from pymongo import ASCENDING, IndexModel, InsertOne, UpdateOne
from pymongo.errors import BulkWriteError

from guichet.contracts.base import Contract
from guichet.errors import TamperedError
from guichet.ids import AnchorId
from guichet.mongo.bulk import are_duplicates, find_all, insert_new
from guichet.mongo.client import Database, translate_errors
from guichet.privacy.data_map.entry import PUBLIC_TASK, Belonging, Bond, DataMapEntry, Erasure, Form, PersonalField
from guichet.privacy.data_map.retention import Owner, WithIts
from guichet.store.threads.claim import Claim
from guichet.store.threads.sealed_claim import ClaimSealing

COLLECTION = "threads"
CLAIMS_KEPT: Final = 64
"""The newest, on one anchor. The router adds fewer to a Message-ID; of a conversation only the newest one counts."""

INDEXES: dict[str, list[IndexModel]] = {  # for an erasure
    COLLECTION: [
        IndexModel([("claims.of_case", ASCENDING)], name="by_case"),
        IndexModel([("claims.of_message", ASCENDING)], name="by_message"),
    ]
}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="find the case that an answer belongs to",
        legal_basis=PUBLIC_TASK,
        whose="citizens who write to the town",
        retention=(WithIts(owner=Owner.CASE),),
        on_erasure=Erasure.DELETED,
        fields=(
            PersonalField("_id", Form.PSEUDONYM, "HMAC of a Message-ID or of a conversation"),
            PersonalField("claims", Form.SEALED, "case, message and who quoted, under the router's key", keyed=False),
        ),
        belongs=(
            Belonging(Bond.CASE, "claims.of_case", shared=True, blind=True),
            Belonging(Bond.MESSAGE, "claims.of_message", shared=True, blind=True),
        ),
    ),
)


class ThreadDocument(Contract):
    """An anchor, in memory. claims: the first come first; the last is a conversation's present case."""

    anchor: AnchorId = Field(alias="_id")
    version: int = 1
    claims: tuple[Claim, ...]


@dataclass(frozen=True)
class ClaimAddition:
    """A further claim on an anchor: made only if nobody else made any since `version` was read; 0: it was not there."""

    anchor: AnchorId
    version: int
    claim: Claim


class ThreadStore(Protocol):
    """Anchors. Every method raises TransientError."""

    async def find_many(self, anchors: Iterable[AnchorId]) -> dict[AnchorId, ThreadDocument]:
        """Return those that exist."""

    async def claim_in_order(self, additions: Sequence[ClaimAddition]) -> bool:
        """Make one claim after the other up to the first that loses its race; return whether none did."""

    async def insert_missing(self, threads: Sequence[ThreadDocument]) -> None:
        """Insert those that are not there yet: anchors that only one case can ever claim."""


class MongoThreadStore(ThreadStore):
    """The anchors in MongoDB, their claims sealed."""

    def __init__(self, database: Database, sealing: ClaimSealing) -> None:
        self._threads = database[COLLECTION]
        self._sealing = sealing

    @translate_errors
    async def find_many(self, anchors: Iterable[AnchorId]) -> dict[AnchorId, ThreadDocument]:
        found = await find_all(self._threads, {"_id": {"$in": [*anchors]}})
        return {document["_id"]: opened_thread(self._sealing, document) for document in found}

    @translate_errors
    async def claim_in_order(self, additions: Sequence[ClaimAddition]) -> bool:
        if not additions:
            return True
        new = [addition for addition in additions if not addition.version]
        # Of one kind: an ordered bulk goes to the server in runs of one kind, and each run waits for the one before.
        # Inserts are the faster ones (4 ms for 200, not 28); 200 answers, each with an anchor of its own, take 80 ms,
        # and 1.4 s where both kinds alternate.
        kind = self._insertion if len(new) == len(additions) else self._update
        try:
            result = await self._threads.bulk_write([kind(addition) for addition in additions], ordered=True)
        except BulkWriteError as exc:
            if not are_duplicates(exc):
                raise
            return False
        made = result.inserted_count + result.upserted_count
        return made == len(new)  # an anchor that was deleted meanwhile was there when this was decided

    @translate_errors
    async def insert_missing(self, threads: Sequence[ThreadDocument]) -> None:
        await insert_new(self._threads, [sealed_thread(self._sealing, each) for each in threads])

    def _insertion(self, addition: ClaimAddition) -> InsertOne[dict[str, Any]]:
        return InsertOne(sealed_thread(self._sealing, ThreadDocument(_id=addition.anchor, claims=(addition.claim,))))

    def _update(self, addition: ClaimAddition) -> UpdateOne:
        """Add a claim. No document has version 0: a new anchor is made by the same update, and then has version 1."""
        unchanged = {"_id": addition.anchor, "version": addition.version}
        claim = self._sealing.seal(addition.anchor, addition.claim)
        # Where the version is another, it inserts a second document of this id: an error, at which the order ends.
        newest = {"$each": [claim], "$slice": -CLAIMS_KEPT}
        return UpdateOne(unchanged, {"$push": {"claims": newest}, "$inc": {"version": 1}}, upsert=True)


def sealed_thread(sealing: ClaimSealing, thread: ThreadDocument) -> dict[str, Any]:
    """Return an anchor as it rests. Pure."""
    claims = [sealing.seal(thread.anchor, claim) for claim in thread.claims]
    return {"_id": thread.anchor, "version": thread.version, "claims": claims}


def opened_thread(sealing: ClaimSealing, document: Mapping[str, Any]) -> ThreadDocument:
    """Return an anchor that rests as this document. Pure."""
    anchor = document["_id"]
    claims = tuple(_whole_claims(sealing, anchor, document["claims"]))
    return ThreadDocument(_id=anchor, version=document["version"], claims=claims)


def _whole_claims(sealing: ClaimSealing, anchor: AnchorId, resting: Iterable[dict[str, Any]]) -> Iterator[Claim]:
    """What somebody tampered with claims nothing: who quotes the anchor is filed by what is left, or anew."""
    for claim in resting:
        with suppress(TamperedError):
            yield sealing.open(anchor, claim)
