"""Requests about a person's data, durable before anything is done about them (R15, R16)."""

from typing import Literal, Protocol

from pydantic import AwareDatetime, Field
from pymongo import IndexModel

from guichet.contracts.base import Contract
from guichet.contracts.privacy import ErasureRequested
from guichet.ids import AgentId, CitizenId, EventId
from guichet.privacy.data_map import LEGAL_OBLIGATION, DataMapEntry, Erasure, Form, PersonalField
from guichet.store.client import Database, translate_errors
from guichet.store.inserting import insert_new

COLLECTION = "privacy_requests"
INDEXES: dict[str, list[IndexModel]] = {COLLECTION: []}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="carry out and prove what citizens ask about their data",
        legal_basis=LEGAL_OBLIGATION + "; art. 17, art. 5(2)",
        whose="citizens who asked",
        retention="as long as the erasure may have to be applied again after a restore",
        on_erasure=Erasure.NOT_CONCERNED,
        fields=(PersonalField("citizen", Form.PSEUDONYM, "the registry's id of who is to be erased"),),
    ),
)


class PrivacyRequest(Contract):
    """A request. decision: the DPO's reference; visa: the archives' where a case is to be destroyed."""

    request_id: EventId = Field(alias="_id")
    kind: Literal["erasure"] = "erasure"
    citizen: CitizenId
    requested_by: AgentId
    decision: str
    visa: str | None = None
    requested_at: AwareDatetime

    @classmethod
    def of(cls, asked: ErasureRequested) -> "PrivacyRequest":
        """Return the document of an event."""
        return cls(
            _id=asked.event_id,
            citizen=asked.citizen,
            requested_by=asked.requested_by,
            decision=asked.decision,
            visa=asked.visa,
            requested_at=asked.occurred_at,
        )


class PrivacyRequestStore(Protocol):
    """Requests. Every method raises TransientError."""

    async def add(self, request: PrivacyRequest) -> None:
        """Keep a request; one that is known stays as it is."""

    async def find(self, request_id: EventId) -> PrivacyRequest | None:
        """Return a request, or None."""


class MongoPrivacyRequestStore:
    """The requests in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._requests = database[COLLECTION]

    @translate_errors
    async def add(self, request: PrivacyRequest) -> None:
        """See PrivacyRequestStore."""
        await insert_new(self._requests, [request.model_dump(by_alias=True)])

    @translate_errors
    async def find(self, request_id: EventId) -> PrivacyRequest | None:
        """See PrivacyRequestStore."""
        document = await self._requests.find_one({"_id": request_id})
        return None if document is None else PrivacyRequest.model_validate(document)
